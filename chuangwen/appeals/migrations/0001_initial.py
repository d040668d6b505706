import chuangwen.rules.appeals
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0004_parts'),
        ('evidence', '0004_document'),
        ('patrols', '0003_visit_answers'),
        ('people', '0002_secrecy'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Window',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sheet_id', models.BigIntegerField(unique=True, verbose_name='得分表')),
                ('rule_name', models.CharField(max_length=60, verbose_name='规则代号')),
                ('starts_on', models.DateField(verbose_name='本期起')),
                ('ends_on', models.DateField(verbose_name='本期止')),
                ('parts', models.JSONField(default=list, verbose_name='计分项')),
                ('days', models.PositiveSmallIntegerField(verbose_name='公示工作日')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('opened_at', models.DateTimeField(verbose_name='公示时间')),
                ('opened_by', models.CharField(max_length=80, verbose_name='公示人')),
                ('closes_at', models.DateTimeField(verbose_name='公示到')),
                ('released_at', models.DateTimeField(null=True, verbose_name='发布时间')),
                ('counts', models.JSONField(default=dict, verbose_name='申诉情况')),
                ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeal_windows', to='people.unit', verbose_name='范围')),
            ],
            options={
                'verbose_name': '公示',
                'ordering': ['-opened_at', '-id'],
                'indexes': [models.Index(fields=['scope', '-ends_on', '-id'], name='window_scope_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='window_of_a_real_period'), models.CheckConstraint(condition=models.Q(('closes_at__gte', models.F('opened_at'))), name='window_closes_after_opening'), models.CheckConstraint(condition=models.Q(('days__gt', 0), models.Q(('note', ''), _negated=True), _connector='OR'), name='window_of_no_days_has_note')],
            },
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(choices=[(chuangwen.rules.appeals.Subject['CASE'], '案件'), (chuangwen.rules.appeals.Subject['FINDING'], '现场判定'), (chuangwen.rules.appeals.Subject['PART'], '计分项')], max_length=10, verbose_name='对象')),
                ('part', models.CharField(blank=True, max_length=40, verbose_name='计分项')),
                ('claim', models.CharField(choices=[(chuangwen.rules.appeals.Effect['NOT_COUNTED'], '不计'), (chuangwen.rules.appeals.Effect['NOT_THIS_UNIT'], '不属本单位，不计'), (chuangwen.rules.appeals.Effect['NEITHER'], '不计超期和返工'), (chuangwen.rules.appeals.Effect['NOT_OVERDUE'], '不计超期'), (chuangwen.rules.appeals.Effect['NOT_REWORKED'], '不计返工')], max_length=20, verbose_name='要求')),
                ('ground', models.CharField(max_length=60, verbose_name='申诉理由')),
                ('words', models.TextField(blank=True, verbose_name='说明')),
                ('state', models.CharField(choices=[(chuangwen.rules.appeals.State['RAISED'], '待初审'), (chuangwen.rules.appeals.State['PROPOSED'], '待决定'), (chuangwen.rules.appeals.State['DECIDED'], '已决定'), (chuangwen.rules.appeals.State['ESCALATED'], '待复核'), (chuangwen.rules.appeals.State['FINISHED'], '已复核')], default='raised', max_length=12, verbose_name='状态')),
                ('act_by', models.DateTimeField(null=True, verbose_name='本步办理时限')),
                ('outcome', models.CharField(blank=True, choices=[(chuangwen.rules.appeals.Outcome['GRANTED'], '成立'), (chuangwen.rules.appeals.Outcome['PARTLY'], '部分成立'), (chuangwen.rules.appeals.Outcome['REFUSED'], '不成立')], max_length=10, verbose_name='结果')),
                ('effect', models.CharField(blank=True, choices=[(chuangwen.rules.appeals.Effect['NOT_COUNTED'], '不计'), (chuangwen.rules.appeals.Effect['NOT_THIS_UNIT'], '不属本单位，不计'), (chuangwen.rules.appeals.Effect['NEITHER'], '不计超期和返工'), (chuangwen.rules.appeals.Effect['NOT_OVERDUE'], '不计超期'), (chuangwen.rules.appeals.Effect['NOT_REWORKED'], '不计返工')], max_length=20, verbose_name='怎么计')),
                ('settled_at', models.DateTimeField(null=True, verbose_name='决定时间')),
                ('raised_at', models.DateTimeField(verbose_name='申诉时间')),
                ('escalate_until', models.DateTimeField(null=True, verbose_name='申请复核到')),
                ('escalated_at', models.DateTimeField(null=True, verbose_name='申请复核时间')),
                ('escalated_words', models.CharField(blank=True, max_length=500, verbose_name='申请复核的说明')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('case', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case', verbose_name='案件')),
                ('escalated_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请复核人')),
                ('finding', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patrols.finding', verbose_name='判定')),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='属地单位')),
                ('raised_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申诉人')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='申诉单位')),
                ('window', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='appeals.window', verbose_name='公示')),
            ],
            options={
                'verbose_name': '申诉',
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('act_by__isnull', False)), fields=['act_by', 'id'], name='appeal_to_act'), models.Index(fields=['unit', '-id'], name='appeal_unit_newest'), models.Index(fields=['home', '-id'], name='appeal_home_newest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('part', ''), _negated=True), fields=('window', 'unit', 'part'), name='one_appeal_a_part'), models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', False), ('finding', None), ('part', ''), ('subject', 'case')), models.Q(('case', None), ('finding__isnull', False), ('part', ''), ('subject', 'finding'), ('window__isnull', False)), models.Q(('case', None), ('finding', None), ('subject', 'part'), ('window__isnull', False), models.Q(('part', ''), _negated=True)), _connector='OR'), name='appeal_of_one_thing'), models.CheckConstraint(condition=models.Q(models.Q(('act_by__isnull', False), ('state__in', ['escalated', 'proposed', 'raised'])), models.Q(models.Q(('state__in', ['escalated', 'proposed', 'raised']), _negated=True), ('act_by', None)), _connector='OR'), name='open_appeal_has_limit'), models.CheckConstraint(condition=models.Q(models.Q(('effect', ''), ('outcome', ''), ('settled_at', None)), models.Q(('effect', ''), ('outcome', 'refused'), ('settled_at__isnull', False)), models.Q(('outcome__in', ['granted', 'partly']), ('settled_at__isnull', False), models.Q(('effect', ''), _negated=True)), _connector='OR'), name='settled_appeal_has_outcome')],
            },
        ),
        migrations.CreateModel(
            name='AppealPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('appeal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='appeals.appeal')),
                ('photo', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.photo')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('appeal', 'photo'), name='one_photo_an_appeal')],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(choices=[(1, '初审意见'), (2, '决定'), (3, '复核决定')], verbose_name='级别')),
                ('outcome', models.CharField(choices=[(chuangwen.rules.appeals.Outcome['GRANTED'], '成立'), (chuangwen.rules.appeals.Outcome['PARTLY'], '部分成立'), (chuangwen.rules.appeals.Outcome['REFUSED'], '不成立')], max_length=10, verbose_name='意见')),
                ('effect', models.CharField(blank=True, choices=[(chuangwen.rules.appeals.Effect['NOT_COUNTED'], '不计'), (chuangwen.rules.appeals.Effect['NOT_THIS_UNIT'], '不属本单位，不计'), (chuangwen.rules.appeals.Effect['NEITHER'], '不计超期和返工'), (chuangwen.rules.appeals.Effect['NOT_OVERDUE'], '不计超期'), (chuangwen.rules.appeals.Effect['NOT_REWORKED'], '不计返工')], max_length=20, verbose_name='怎么计')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('appeal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='appeals.appeal')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审核人')),
            ],
            options={
                'verbose_name': '申诉审核',
                'ordering': ['level'],
                'constraints': [models.UniqueConstraint(fields=('appeal', 'level'), name='one_review_a_level'), models.UniqueConstraint(fields=('appeal', 'by'), name='other_person_at_every_level')],
            },
        ),
        migrations.CreateModel(
            name='TermSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('appeal_days', models.PositiveSmallIntegerField(verbose_name='提出申诉的期限')),
                ('window_days', models.PositiveSmallIntegerField(verbose_name='公示期')),
                ('window_note', models.CharField(blank=True, max_length=200, verbose_name='公示期为零的理由')),
                ('review_days', models.PositiveSmallIntegerField(verbose_name='每一级审核的期限')),
                ('escalation_days', models.PositiveSmallIntegerField(verbose_name='申请复核的期限')),
                ('grounds', models.JSONField(default=list, verbose_name='申诉理由')),
                ('changed_at', models.DateTimeField(verbose_name='修改时间')),
                ('changed_by', models.CharField(max_length=80, verbose_name='修改人')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('scope', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='appeal_terms', to='people.unit', verbose_name='范围')),
            ],
            options={
                'verbose_name': '申诉规则',
                'constraints': [models.CheckConstraint(condition=models.Q(('window_days__gt', 0), models.Q(('window_note', ''), _negated=True), _connector='OR'), name='zero_window_has_note')],
            },
        ),
    ]
