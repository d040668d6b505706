import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0004_parts'),
        ('people', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='编码')),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('confirm_within', models.CharField(max_length=20, verbose_name='确认时限')),
                ('arrive_within', models.CharField(max_length=20, verbose_name='到场时限')),
                ('finish_within', models.CharField(max_length=20, verbose_name='办结时限')),
                ('decide_within', models.CharField(max_length=20, verbose_name='异议裁定时限')),
                ('active', models.BooleanField(default=True, verbose_name='在用')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
            ],
            options={
                'verbose_name': '到场承诺',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Whistle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年份')),
                ('serial', models.PositiveIntegerField(verbose_name='序号')),
                ('terms', models.JSONField(verbose_name='吹哨时的承诺')),
                ('title', models.CharField(max_length=200, verbose_name='事由')),
                ('place', models.CharField(max_length=200, verbose_name='位置')),
                ('reason', models.CharField(max_length=500, verbose_name='街道自身力量办不了的理由')),
                ('state', models.CharField(choices=[('open', '办理中'), ('closed', '已销哨'), ('called_off', '已撤回')], default='open', max_length=10, verbose_name='状态')),
                ('blown_at', models.DateTimeField(verbose_name='吹哨时间')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='销哨时间')),
                ('outcome', models.CharField(blank=True, max_length=500, verbose_name='结果')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('blown_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='吹哨人')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case', verbose_name='案件')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='销哨人')),
                ('promise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='whistles.promise', verbose_name='到场承诺')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='吹哨街道')),
            ],
            options={
                'verbose_name': '吹哨',
                'ordering': ['-blown_at', '-id'],
                'indexes': [models.Index(fields=['street', '-blown_at', '-id'], name='whistle_street_newest'), models.Index(fields=['state', '-blown_at', '-id'], name='whistle_state_newest')],
                'constraints': [models.UniqueConstraint(fields=('street', 'year', 'serial'), name='one_whistle_a_number'), models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('case',), name='one_open_whistle_a_case'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('outcome', ''), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('ended_at__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='ended_whistle_has_moment_and_outcome'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='whistle_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='Summons',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('called_at', models.DateTimeField(verbose_name='召集时间')),
                ('confirm_by', models.DateTimeField(verbose_name='确认期限')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='确认时间')),
                ('arrive_by', models.DateTimeField(verbose_name='到场期限')),
                ('arrived_at', models.DateTimeField(null=True, verbose_name='报告到场时间')),
                ('arrival_note', models.CharField(blank=True, max_length=200, verbose_name='到场说明')),
                ('arrival_confirmed_at', models.DateTimeField(null=True, verbose_name='街道核实到场时间')),
                ('arrival_denied', models.PositiveSmallIntegerField(default=0, verbose_name='街道否认到场次数')),
                ('act_by', models.DateTimeField(null=True, verbose_name='本步期限')),
                ('came', models.BooleanField(null=True, verbose_name='到场')),
                ('cooperated', models.BooleanField(null=True, verbose_name='配合')),
                ('finished_well', models.BooleanField(null=True, verbose_name='办结')),
                ('rating_words', models.CharField(blank=True, max_length=500, verbose_name='街道评价')),
                ('within_duty', models.BooleanField(null=True, verbose_name='属于本单位职责')),
                ('reason_sound', models.BooleanField(null=True, verbose_name='吹哨理由成立')),
                ('fit_words', models.CharField(blank=True, max_length=500, verbose_name='部门评价')),
                ('fit_at', models.DateTimeField(null=True, verbose_name='部门评价时间')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('arrived_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='报告人')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('moved_from', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='moved_to', to='whistles.summons', verbose_name='改派自')),
                ('part', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.casepart', verbose_name='案件部分')),
                ('whistle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='summonses', to='whistles.whistle', verbose_name='吹哨')),
            ],
            options={
                'verbose_name': '召集',
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('act_by__isnull', False)), fields=['act_by'], name='summons_waiting'), models.Index(fields=['called_at'], name='summons_called')],
                'constraints': [models.CheckConstraint(condition=models.Q(('arrived_at', None), ('confirmed_at__isnull', False), _connector='OR'), name='arrival_implies_confirmed'), models.CheckConstraint(condition=models.Q(('arrival_confirmed_at', None), ('arrived_at__isnull', False), _connector='OR'), name='arrival_confirmed_when_arrived'), models.CheckConstraint(condition=models.Q(models.Q(('came', None), ('cooperated', None), ('finished_well', None)), models.Q(('came__isnull', False), ('cooperated__isnull', False), ('finished_well__isnull', False)), _connector='OR'), name='street_rates_all_three'), models.CheckConstraint(condition=models.Q(models.Q(('fit_at', None), ('reason_sound', None), ('within_duty', None)), models.Q(('fit_at__isnull', False), ('reason_sound__isnull', False), ('within_duty__isnull', False)), _connector='OR'), name='department_rates_both')],
            },
        ),
        migrations.CreateModel(
            name='Numbering',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField(default=0)),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('street', 'year'), name='one_numbering_a_street_year')],
            },
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', '待裁定'), ('taken_off', '成立，免去任务'), ('moved', '成立，改派其他单位'), ('rejected', '不成立'), ('lapsed', '任务已结束，不再裁定')], default='waiting', max_length=10, verbose_name='状态')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('raised_at', models.DateTimeField(verbose_name='提出时间')),
                ('decide_by', models.DateTimeField(verbose_name='裁定期限')),
                ('proposal', models.CharField(blank=True, max_length=500, verbose_name='拟办意见')),
                ('proposed_at', models.DateTimeField(null=True, verbose_name='拟办时间')),
                ('decision', models.CharField(blank=True, max_length=500, verbose_name='裁定理由')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='裁定时间')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='裁定人')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='拟办人')),
                ('raised_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
                ('summons', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='objection', to='whistles.summons', verbose_name='召集')),
            ],
            options={
                'verbose_name': '吹哨异议',
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['decide_by'], name='whistle_objection_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='whistle_objection_decision_has_moment')],
            },
        ),
    ]
