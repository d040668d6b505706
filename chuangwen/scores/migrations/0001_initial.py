import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ScoreSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('league', models.CharField(choices=[('city', '市'), ('district', '区'), ('district_office', '区文明办'), ('street', '街道'), ('department', '部门'), ('community', '社区'), ('grid', '网格'), ('property_firm', '物业公司'), ('owners_committee', '业主委员会'), ('volunteer_team', '志愿服务队'), ('regulator', '监管机构'), ('party_branch', '党支部'), ('other', '其他单位')], default='street', max_length=20, verbose_name='排名对象')),
                ('rule_name', models.CharField(max_length=60, verbose_name='规则代号')),
                ('rule_title', models.CharField(max_length=160, verbose_name='规则')),
                ('rule_text', models.TextField(verbose_name='规则原文')),
                ('period_start', models.DateField(verbose_name='本期起')),
                ('period_end', models.DateField(verbose_name='本期止')),
                ('computed_at', models.DateTimeField(verbose_name='计算时间')),
                ('computed_by', models.CharField(max_length=80, verbose_name='计算人')),
                ('released_at', models.DateTimeField(null=True, verbose_name='发布时间')),
                ('released_by', models.CharField(blank=True, max_length=80, verbose_name='发布人')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='范围')),
            ],
            options={
                'verbose_name': '得分表',
                'ordering': ['-period_end', '-id'],
                'indexes': [models.Index(fields=['scope', '-period_end', '-id'], name='sheet_scope_newest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('released_at__isnull', False)), fields=('scope', 'rule_name', 'period_start', 'period_end'), name='one_released_sheet_a_period'), models.CheckConstraint(condition=models.Q(('period_end__gte', models.F('period_start'))), name='sheet_ends_after_start'), models.CheckConstraint(condition=models.Q(models.Q(('released_at', None), ('released_by', '')), models.Q(('released_at__isnull', False), models.Q(('released_by', ''), _negated=True)), _connector='OR'), name='sheet_release_has_person')],
            },
        ),
        migrations.CreateModel(
            name='ScoreLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit_name', models.CharField(max_length=80, verbose_name='单位名称')),
                ('league', models.CharField(blank=True, max_length=80, verbose_name='分组')),
                ('place', models.PositiveIntegerField(null=True, verbose_name='名次')),
                ('total_shown', models.CharField(blank=True, max_length=20, verbose_name='总分')),
                ('total_exact', models.CharField(blank=True, max_length=100, verbose_name='未舍入的总分')),
                ('parts', models.JSONField(default=list, verbose_name='各项')),
                ('reasons', models.JSONField(default=list, verbose_name='理由')),
                ('basis', models.JSONField(default=dict, verbose_name='依据')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='单位')),
                ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='scores.scoresheet')),
            ],
            options={
                'verbose_name': '得分行',
                'ordering': ['league', models.OrderBy(models.F('place'), nulls_last=True), 'unit_name'],
                'constraints': [models.UniqueConstraint(fields=('sheet', 'unit'), name='one_line_a_unit'), models.CheckConstraint(condition=models.Q(models.Q(('place', None), ('total_exact', ''), ('total_shown', '')), models.Q(('place__isnull', False), models.Q(('total_shown', ''), _negated=True), models.Q(('total_exact', ''), _negated=True)), _connector='OR'), name='place_and_total_together')],
            },
        ),
    ]
