import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0003_photos_to_examine'),
        ('people', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='ObjectionTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('object_within', models.CharField(max_length=40, verbose_name='提出时限')),
                ('decide_within', models.CharField(max_length=40, verbose_name='裁定时限')),
                ('grounds', models.JSONField(verbose_name='异议理由')),
                ('set_at', models.DateTimeField(verbose_name='设定时间')),
                ('set_by', models.CharField(max_length=80, verbose_name='设定人')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='适用范围')),
            ],
            options={
                'verbose_name': '派单异议规定',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='RuleSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('rules', models.JSONField(default=list, verbose_name='规则')),
                ('digest', models.CharField(max_length=64, verbose_name='内容指纹')),
                ('created_at', models.DateTimeField(verbose_name='新建时间')),
                ('created_by', models.CharField(max_length=80, verbose_name='新建人')),
                ('changed_at', models.DateTimeField(verbose_name='修改时间')),
                ('from_day', models.DateField(null=True, verbose_name='起用日')),
                ('released_at', models.DateTimeField(null=True, verbose_name='决定起用时间')),
                ('released_by', models.CharField(blank=True, max_length=80, verbose_name='决定人')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='适用范围')),
            ],
            options={
                'verbose_name': '派单规则',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('from_day__isnull', False)), fields=('home', 'from_day'), name='one_rule_set_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('from_day', None), ('released_at', None)), models.Q(('from_day__isnull', False), ('released_at__isnull', False)), _connector='OR'), name='rule_set_day_and_release_together')],
            },
        ),
        migrations.CreateModel(
            name='Replay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, verbose_name='内容指纹')),
                ('since', models.DateField(verbose_name='从')),
                ('until', models.DateField(verbose_name='到')),
                ('total', models.PositiveIntegerField(verbose_name='案件数')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='已试算')),
                ('figures', models.JSONField(null=True, verbose_name='结果')),
                ('started_at', models.DateTimeField(verbose_name='开始')),
                ('started_by', models.CharField(max_length=80, verbose_name='试算人')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='完成')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('against', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='routing.ruleset', verbose_name='对照的规则')),
                ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='replays', to='routing.ruleset', verbose_name='草稿')),
            ],
            options={
                'verbose_name': '规则试算',
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gte', models.F('since'))), name='replay_ends_after_start'), models.CheckConstraint(condition=models.Q(models.Q(('figures', None), ('finished_at', None)), models.Q(('figures__isnull', False), ('finished_at__isnull', False)), _connector='OR'), name='finished_replay_has_figures')],
            },
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ground', models.CharField(max_length=40, verbose_name='异议理由')),
                ('words', models.CharField(max_length=500, verbose_name='情况')),
                ('asked_at', models.DateTimeField(verbose_name='提出时间')),
                ('decide_by', models.DateTimeField(verbose_name='裁定期限')),
                ('outcome', models.CharField(blank=True, choices=[('', '待裁定'), ('upheld', '成立，已改派'), ('rejected', '不成立'), ('lapsed', '不再需要裁定')], default='', max_length=10, verbose_name='结果')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='裁定时间')),
                ('decision', models.CharField(blank=True, max_length=500, verbose_name='裁定意见')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='cases.case', verbose_name='案件')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='裁定人')),
                ('given_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='改派给')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='提出单位')),
                ('wanted', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='建议派给')),
            ],
            options={
                'verbose_name': '派单异议',
                'indexes': [models.Index(condition=models.Q(('outcome', '')), fields=['decide_by', 'id'], name='objection_to_decide'), models.Index(fields=['unit', '-id'], name='objection_of_unit')],
                'constraints': [models.UniqueConstraint(fields=('case', 'unit'), name='one_objection_a_unit_and_case'), models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('case',), name='one_open_objection_a_case'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('outcome', '')), models.Q(('decided_at__isnull', False), ('outcome__in', ['lapsed', 'rejected', 'upheld'])), _connector='OR'), name='objection_decision_has_time'), models.CheckConstraint(condition=models.Q(('decided_by', None), ('asked_by', None), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='objection_decided_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('given_to__isnull', False), ('outcome', 'upheld')), models.Q(models.Q(('outcome', 'upheld'), _negated=True), ('given_to', None)), _connector='OR'), name='upheld_objection_has_new_unit')],
            },
        ),
        migrations.CreateModel(
            name='ReplayLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField(verbose_name='第几条规则')),
                ('draft', models.CharField(blank=True, max_length=32, verbose_name='按草稿')),
                ('now', models.CharField(blank=True, max_length=32, verbose_name='按现行')),
                ('real', models.CharField(blank=True, max_length=32, verbose_name='实际')),
                ('moved', models.BooleanField(verbose_name='与现行不同')),
                ('differs', models.BooleanField(verbose_name='与实际不同')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                ('replay', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='routing.replay')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('moved', True)), fields=['replay', 'id'], name='replay_moved'), models.Index(condition=models.Q(('differs', True)), fields=['replay', 'id'], name='replay_differs')],
                'constraints': [models.UniqueConstraint(fields=('replay', 'case'), name='one_line_a_case_and_replay')],
            },
        ),
    ]
