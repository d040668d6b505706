import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('patrols', '0001_initial'),
        ('people', '0001_initial'),
        ('places', '0001_initial'),
        ('standards', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('dragnet', '拉网式排查'), ('special', '专项行动')], max_length=10, verbose_name='种类')),
                ('status', models.CharField(choices=[('draft', '草稿'), ('running', '进行中'), ('closed', '已结束'), ('cancelled', '已取消')], default='draft', max_length=10, verbose_name='状态')),
                ('title', models.CharField(max_length=120, verbose_name='名称')),
                ('aim', models.TextField(verbose_name='目的')),
                ('starts_on', models.DateField(verbose_name='开始')),
                ('ends_on', models.DateField(verbose_name='截止')),
                ('closes_at', models.DateTimeField(verbose_name='计到')),
                ('opens_at', models.DateTimeField(verbose_name='起算')),
                ('point_types', models.JSONField(default=list, verbose_name='点位类型')),
                ('all_criteria', models.BooleanField(default=True, verbose_name='全部条目必查')),
                ('baseline_weeks', models.PositiveSmallIntegerField(default=8, verbose_name='对照周数')),
                ('budget_amount', models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name='经费（元）')),
                ('budget_source', models.CharField(blank=True, max_length=120, verbose_name='经费来源')),
                ('conclusion', models.TextField(blank=True, verbose_name='结论')),
                ('cancel_reason', models.CharField(blank=True, max_length=500, verbose_name='取消理由')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='结束时间')),
                ('ended_by', models.CharField(blank=True, max_length=80, verbose_name='结束人')),
                ('released_at', models.DateTimeField(null=True, verbose_name='公开时间')),
                ('released_by', models.CharField(blank=True, max_length=80, verbose_name='公开人')),
                ('public_facts', models.JSONField(default=dict, verbose_name='公开内容')),
                ('created_at', models.DateTimeField(verbose_name='创建时间')),
                ('created_by', models.CharField(max_length=80, verbose_name='创建人')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('areas', models.ManyToManyField(related_name='+', to='people.unit', verbose_name='区域')),
                ('criteria', models.ManyToManyField(related_name='+', to='standards.criterion', verbose_name='必查条目')),
                ('edition', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='standards.edition', verbose_name='测评标准')),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='所属范围')),
                ('standards', models.ManyToManyField(related_name='+', to='standards.casestandard', verbose_name='案件类别')),
            ],
            options={
                'verbose_name': '排查与专项',
                'ordering': ['-starts_on', '-id'],
                'indexes': [models.Index(fields=['status', '-starts_on', '-id'], name='campaign_status_newest'), models.Index(fields=['home', '-starts_on', '-id'], name='campaign_home_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='campaign_ends_after_start'), models.CheckConstraint(condition=models.Q(('kind__in', ['dragnet', 'special'])), name='campaign_kind_known'), models.CheckConstraint(condition=models.Q(('status__in', ['cancelled', 'closed', 'draft', 'running'])), name='campaign_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('status__in', ['cancelled', 'closed'])), models.Q(models.Q(('status__in', ['cancelled', 'closed']), _negated=True), ('ended_at', None)), _connector='OR'), name='ended_campaign_has_moment'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'closed'), _negated=True), models.Q(('conclusion', ''), _negated=True), _connector='OR'), name='closed_campaign_has_conclusion'), models.CheckConstraint(condition=models.Q(models.Q(('released_at', None), ('released_by', '')), models.Q(('released_at__isnull', False), models.Q(('released_by', ''), _negated=True)), _connector='OR'), name='released_campaign_has_person')],
            },
        ),
        migrations.CreateModel(
            name='CampaignPatrol',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rounds', to='campaigns.campaign')),
                ('patrol', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patrols.patrol')),
            ],
        ),
        migrations.CreateModel(
            name='CampaignSite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('must_count', models.PositiveSmallIntegerField(verbose_name='必查条目数')),
                ('added_at', models.DateTimeField(verbose_name='列入时间')),
                ('added_reason', models.CharField(blank=True, max_length=300, verbose_name='补入理由')),
                ('dropped_at', models.DateTimeField(null=True, verbose_name='剔除时间')),
                ('dropped_reason', models.CharField(blank=True, max_length=300, verbose_name='剔除理由')),
                ('unreachable_at', models.DateTimeField(null=True, verbose_name='进不去的时间')),
                ('unreachable_by', models.CharField(blank=True, max_length=80, verbose_name='登记人')),
                ('unreachable_reason', models.CharField(blank=True, max_length=300, verbose_name='进不去的原因')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='campaigns.campaign')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.site', verbose_name='点位')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='负责单位')),
            ],
            options={
                'verbose_name': '排查点位',
                'indexes': [models.Index(fields=['site', 'campaign'], name='campaign_of_site')],
                'constraints': [models.UniqueConstraint(fields=('campaign', 'site'), name='one_place_a_campaign'), models.CheckConstraint(condition=models.Q(('must_count__gt', 0)), name='place_has_must_checks'), models.CheckConstraint(condition=models.Q(models.Q(('dropped_at', None), ('dropped_reason', '')), models.Q(('dropped_at__isnull', False), models.Q(('dropped_reason', ''), _negated=True)), _connector='OR'), name='dropped_place_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('unreachable_at', None), ('unreachable_by', ''), ('unreachable_reason', '')), models.Q(('unreachable_at__isnull', False), models.Q(('unreachable_by', ''), _negated=True), models.Q(('unreachable_reason', ''), _negated=True)), _connector='OR'), name='unreachable_place_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='CampaignTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(choices=[('open_cases', '在办案件（件）'), ('on_time_rate', '按期整改率（%）'), ('recurrence', '反复率（%）')], max_length=20, verbose_name='指标')),
                ('value', models.DecimalField(decimal_places=2, max_digits=9, verbose_name='目标')),
                ('baseline_part', models.PositiveIntegerField(null=True, verbose_name='此前（分子）')),
                ('baseline_whole', models.PositiveIntegerField(null=True, verbose_name='此前（分母）')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='targets', to='campaigns.campaign')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('campaign', 'measure'), name='one_target_a_measure'), models.CheckConstraint(condition=models.Q(('value__gte', 0)), name='target_not_below_zero'), models.CheckConstraint(condition=models.Q(models.Q(('baseline_part', None), ('baseline_whole', None)), models.Q(('baseline_part__isnull', False), ('baseline_whole__isnull', False)), _connector='OR'), name='baseline_part_and_whole_together')],
            },
        ),
        migrations.CreateModel(
            name='CampaignUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='次序')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='team', to='campaigns.campaign')),
                ('lead', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.post', verbose_name='负责人')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='单位')),
            ],
            options={
                'ordering': ['position', 'id'],
                'constraints': [models.UniqueConstraint(fields=('campaign', 'unit'), name='one_part_a_unit')],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, verbose_name='节点')),
                ('due_on', models.DateField(verbose_name='应完成')),
                ('done_at', models.DateTimeField(null=True, verbose_name='完成时间')),
                ('done_by', models.CharField(blank=True, max_length=80, verbose_name='完成登记人')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='完成依据')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='milestones', to='campaigns.campaign')),
            ],
            options={
                'ordering': ['due_on', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('done_by', ''), ('note', '')), models.Q(('done_at__isnull', False), models.Q(('done_by', ''), _negated=True), models.Q(('note', ''), _negated=True)), _connector='OR'), name='done_milestone_has_person_and_note')],
            },
        ),
        migrations.CreateModel(
            name='Spending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('spent_on', models.DateField(verbose_name='日期')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='金额（元）')),
                ('purpose', models.CharField(max_length=200, verbose_name='用途')),
                ('entered_at', models.DateTimeField(verbose_name='登记时间')),
                ('entered_by', models.CharField(max_length=80, verbose_name='登记人')),
                ('struck_at', models.DateTimeField(null=True, verbose_name='划去时间')),
                ('struck_reason', models.CharField(blank=True, max_length=300, verbose_name='划去理由')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='spendings', to='campaigns.campaign')),
            ],
            options={
                'ordering': ['spent_on', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='spending_above_zero'), models.CheckConstraint(condition=models.Q(models.Q(('struck_at', None), ('struck_reason', '')), models.Q(('struck_at__isnull', False), models.Q(('struck_reason', ''), _negated=True)), _connector='OR'), name='struck_spending_has_reason')],
            },
        ),
    ]
