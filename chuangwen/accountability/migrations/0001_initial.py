import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('evidence', '0001_initial'),
        ('people', '0002_secrecy'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='File',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rung_key', models.CharField(max_length=60, verbose_name='档')),
                ('occasion', models.CharField(max_length=240, verbose_name='事由编号')),
                ('basis', models.JSONField(default=dict, verbose_name='依据与反证')),
                ('status', models.CharField(choices=[('opened', '待告知'), ('notified', '整改期'), ('stating', '待陈述'), ('stated', '待提建议'), ('proposed', '待决定'), ('decided', '待送达'), ('served', '申诉期'), ('appealed', '申诉中'), ('reviewed', '申诉已决定'), ('closed', '已办结'), ('dropped', '已撤销')], default='opened', max_length=12, verbose_name='状态')),
                ('version', models.PositiveIntegerField(default=1)),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('opened_at', models.DateTimeField(verbose_name='启动时间')),
                ('notified_at', models.DateTimeField(null=True, verbose_name='告知时间')),
                ('correct_by', models.DateTimeField(null=True, verbose_name='整改期限')),
                ('statement_by', models.DateTimeField(null=True, verbose_name='陈述期限')),
                ('appeal_by', models.DateTimeField(null=True, verbose_name='申诉期限')),
                ('due_at', models.DateTimeField(null=True, verbose_name='当前期限')),
                ('ground', models.CharField(blank=True, max_length=40, verbose_name='容错情形')),
                ('proposed_measure', models.CharField(blank=True, max_length=40, verbose_name='建议的措施')),
                ('outcome', models.CharField(blank=True, choices=[('uphold', '按建议作出'), ('lower', '改用较轻的措施'), ('no_action', '不予问责')], max_length=12, verbose_name='决定')),
                ('measure_key', models.CharField(blank=True, max_length=40, verbose_name='措施')),
                ('appeal_outcome', models.CharField(blank=True, choices=[('upheld', '维持原决定'), ('changed', '改用较轻的措施'), ('revoked', '撤销原决定')], max_length=12, verbose_name='申诉结果')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='结束时间')),
                ('handed_over_to', models.CharField(blank=True, max_length=80, verbose_name='移交给')),
                ('handed_over_at', models.DateTimeField(null=True, verbose_name='移交时间')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='承办范围')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '问责建议',
                'ordering': ['-opened_at', '-id'],
                'indexes': [models.Index(fields=['home', '-opened_at', '-id'], name='file_home_newest'), models.Index(fields=['unit', 'status'], name='file_unit_status')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'dropped'), _negated=True), fields=('home', 'unit', 'rung_key', 'occasion'), name='one_file_an_occasion'), models.CheckConstraint(condition=models.Q(('decided_by', models.F('opened_by')), _negated=True), name='opener_never_decides'), models.CheckConstraint(condition=models.Q(('decided_by', models.F('proposed_by')), _negated=True), name='proposer_never_decides'), models.CheckConstraint(condition=models.Q(('reviewed_by', models.F('decided_by')), _negated=True), name='appeal_to_somebody_else'), models.CheckConstraint(condition=models.Q(models.Q(('decided_by', None), ('outcome', '')), models.Q(('decided_by__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='decision_has_its_person'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status__in', ['appealed', 'decided', 'notified', 'opened', 'proposed', 'reviewed', 'served', 'stated', 'stating'])), models.Q(('ended_at__isnull', False), ('status__in', ['closed', 'dropped'])), _connector='OR'), name='file_ends_with_its_status')],
            },
        ),
        migrations.CreateModel(
            name='Act',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('move', models.CharField(choices=[('open', '启动'), ('hand_over', '移交'), ('notify', '告知单位'), ('correct', '报告整改情况'), ('correction_over', '记录整改期已过'), ('state', '提交陈述'), ('statement_over', '记录陈述期已过'), ('propose', '提出建议'), ('decide', '作出决定'), ('serve', '送达决定'), ('appeal', '提出申诉'), ('decide_appeal', '决定申诉'), ('close', '办结'), ('drop', '撤销')], max_length=16, verbose_name='步骤')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('post', models.CharField(max_length=120, verbose_name='岗位')),
                ('text', models.TextField(blank=True, verbose_name='内容')),
                ('facts', models.JSONField(default=dict, verbose_name='选定')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('photos', models.ManyToManyField(related_name='+', to='evidence.photo')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='acts', to='accountability.file')),
            ],
            options={
                'verbose_name': '问责步骤',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Interview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('held_at', models.DateTimeField(verbose_name='约谈时间')),
                ('post', models.CharField(max_length=120, verbose_name='约谈人岗位')),
                ('attended', models.CharField(blank=True, max_length=200, verbose_name='单位到场岗位')),
                ('summary', models.TextField(verbose_name='谈话要点')),
                ('recorded_at', models.DateTimeField(verbose_name='记录时间')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='interviews', to='accountability.file')),
            ],
            options={
                'verbose_name': '约谈记录',
                'ordering': ['held_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='LadderVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='代号')),
                ('number', models.PositiveIntegerField(verbose_name='版次')),
                ('title', models.CharField(max_length=160, verbose_name='名称')),
                ('source', models.CharField(max_length=400, verbose_name='来源')),
                ('text', models.TextField(verbose_name='阶梯原文')),
                ('created_at', models.DateTimeField(verbose_name='导入时间')),
                ('in_force_at', models.DateTimeField(null=True, verbose_name='启用时间')),
                ('replaced_at', models.DateTimeField(null=True, verbose_name='停用时间')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='适用范围')),
            ],
            options={
                'verbose_name': '问责阶梯',
                'ordering': ['name', '-number'],
                'constraints': [models.UniqueConstraint(fields=('home', 'name', 'number'), name='one_ladder_version'), models.UniqueConstraint(condition=models.Q(('in_force_at__isnull', False), ('replaced_at', None)), fields=('home', 'name'), name='one_ladder_in_force'), models.CheckConstraint(condition=models.Q(('replaced_at', None), ('in_force_at__isnull', False), _connector='OR'), name='ladder_was_in_force')],
            },
        ),
        migrations.AddField(
            model_name='file',
            name='ladder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='accountability.ladderversion', verbose_name='依据的阶梯'),
        ),
        migrations.CreateModel(
            name='Commitment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_label', models.CharField(blank=True, max_length=40, verbose_name='命令')),
                ('text', models.CharField(max_length=500, verbose_name='内容')),
                ('given_at', models.DateTimeField(verbose_name='作出时间')),
                ('due', models.DateTimeField(verbose_name='期限')),
                ('done_at', models.DateTimeField(null=True, verbose_name='完成时间')),
                ('done_note', models.CharField(blank=True, max_length=500, verbose_name='核对情况')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='撤回时间')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='commitments', to='accountability.file')),
                ('interview', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='commitments', to='accountability.interview')),
            ],
            options={
                'verbose_name': '承诺事项',
                'ordering': ['due', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('done_note', '')), models.Q(('done_at__isnull', False), models.Q(('done_note', ''), _negated=True)), _connector='OR'), name='commitment_done_says_how')],
            },
        ),
    ]
