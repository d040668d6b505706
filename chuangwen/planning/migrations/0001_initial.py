import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('patrols', '0004_patrolsite_planned_at'),
        ('people', '0002_secrecy'),
        ('people', '__first__'),
        ('places', '0001_initial'),
        ('standards', '0002_criterion_hint_criterion_hint_en_criterion_media_and_more'),
    ]

    operations = [
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='日期')),
                ('title', models.CharField(max_length=80, verbose_name='名称')),
                ('kind', models.CharField(max_length=20, verbose_name='类别')),
                ('status', models.CharField(choices=[('waiting', '正在排'), ('draft', '草稿'), ('failed', '没有排成'), ('approved', '已批准'), ('discarded', '已放弃')], default='waiting', max_length=10, verbose_name='状态')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版次')),
                ('gap', models.PositiveSmallIntegerField(verbose_name='间隔天数')),
                ('random_percent', models.PositiveSmallIntegerField(verbose_name='随机份额')),
                ('seed', models.PositiveIntegerField(verbose_name='随机种子')),
                ('must', models.JSONField(default=list, verbose_name='必去点位')),
                ('ways_by', models.CharField(choices=[('straight', '直线距离折算'), ('service', '路网服务'), ('table', '路程表')], default='straight', max_length=10, verbose_name='路程')),
                ('factor', models.DecimalField(decimal_places=1, max_digits=3, verbose_name='直线距离的倍数')),
                ('speed', models.PositiveSmallIntegerField(verbose_name='公里/小时')),
                ('places', models.JSONField(default=list, verbose_name='路程表的点位')),
                ('ways', models.BinaryField(default=bytes, verbose_name='路程表')),
                ('values_by', models.CharField(blank=True, max_length=20, verbose_name='价值来源')),
                ('candidates', models.JSONField(default=list, verbose_name='候选点位')),
                ('left_out', models.JSONField(default=list, verbose_name='没排进的必去点位')),
                ('notes', models.JSONField(default=list, verbose_name='说明')),
                ('progress', models.PositiveSmallIntegerField(default=0, verbose_name='进度')),
                ('asked_at', models.DateTimeField(verbose_name='开始时间')),
                ('asked_by', models.CharField(max_length=80, verbose_name='安排人')),
                ('approved_at', models.DateTimeField(null=True, verbose_name='批准时间')),
                ('approved_by', models.CharField(blank=True, max_length=80, verbose_name='批准人')),
                ('overrule', models.CharField(blank=True, max_length=300, verbose_name='有冲突仍批准的理由')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='standards.edition', verbose_name='测评标准')),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='范围')),
            ],
            options={
                'verbose_name': '路线安排',
                'ordering': ['-day', '-id'],
                'indexes': [models.Index(fields=['-day', '-id'], name='plan_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', False), ('status', 'approved')), models.Q(models.Q(('status', 'approved'), _negated=True), ('approved_at', None)), _connector='OR'), name='approved_plan_has_moment'), models.CheckConstraint(condition=models.Q(('random_percent__lte', 100)), name='random_share_is_a_share')],
            },
        ),
        migrations.CreateModel(
            name='PlanTeam',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='次序')),
                ('name', models.CharField(max_length=40, verbose_name='队伍')),
                ('start_name', models.CharField(max_length=80, verbose_name='出发地点')),
                ('lng', models.DecimalField(decimal_places=6, max_digits=9, verbose_name='出发地点经度')),
                ('lat', models.DecimalField(decimal_places=6, max_digits=9, verbose_name='出发地点纬度')),
                ('begins', models.PositiveSmallIntegerField(verbose_name='上班（分钟）')),
                ('ends', models.PositiveSmallIntegerField(verbose_name='下班（分钟）')),
                ('inspectors', models.ManyToManyField(related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='巡查员')),
                ('patrol', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patrols.patrol')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='teams', to='planning.plan')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'number'), name='one_team_a_number'), models.CheckConstraint(condition=models.Q(('begins__lt', models.F('ends')), ('ends__lte', 1440)), name='plan_team_has_working_hours')],
            },
        ),
        migrations.CreateModel(
            name='PlanStop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='次序')),
                ('why', models.CharField(choices=[('must', '必去'), ('drawn', '随机'), ('value', '价值'), ('added', '人工加入')], max_length=10, verbose_name='理由')),
                ('value', models.FloatField(default=0, verbose_name='价值')),
                ('minutes', models.PositiveSmallIntegerField(verbose_name='停留分钟')),
                ('opens', models.PositiveSmallIntegerField(verbose_name='最早到达（分钟）')),
                ('closes', models.PositiveSmallIntegerField(verbose_name='最晚到达（分钟）')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stops', to='planning.plan')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.site')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stops', to='planning.planteam')),
            ],
            options={
                'ordering': ['team__number', 'position'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'site'), name='one_stop_a_planned_site')],
            },
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, verbose_name='队伍')),
                ('start_name', models.CharField(max_length=80, verbose_name='出发地点')),
                ('lng', models.DecimalField(decimal_places=6, max_digits=9, verbose_name='出发地点经度')),
                ('lat', models.DecimalField(decimal_places=6, max_digits=9, verbose_name='出发地点纬度')),
                ('begins', models.PositiveSmallIntegerField(verbose_name='上班（分钟）')),
                ('ends', models.PositiveSmallIntegerField(verbose_name='下班（分钟）')),
                ('active', models.BooleanField(default=True, verbose_name='在用')),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='范围')),
                ('inspectors', models.ManyToManyField(related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='巡查员')),
            ],
            options={
                'verbose_name': '巡查队伍',
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('home', 'name'), name='one_team_a_name'), models.CheckConstraint(condition=models.Q(('begins__lt', models.F('ends')), ('ends__lte', 1440)), name='team_has_working_hours')],
            },
        ),
        migrations.CreateModel(
            name='TypeTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('point_type', models.CharField(max_length=10, verbose_name='点位类型')),
                ('minutes', models.PositiveSmallIntegerField(verbose_name='停留分钟')),
                ('opens', models.PositiveSmallIntegerField(verbose_name='最早到达（分钟）')),
                ('closes', models.PositiveSmallIntegerField(verbose_name='最晚到达（分钟）')),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='范围')),
            ],
            options={
                'verbose_name': '停留与时间窗',
                'ordering': ['point_type'],
                'constraints': [models.UniqueConstraint(fields=('home', 'point_type'), name='one_terms_a_type'), models.CheckConstraint(condition=models.Q(('closes__lte', 1440), ('minutes__gte', 1), ('opens__lte', models.F('closes'))), name='terms_open_before_they_close')],
            },
        ),
    ]
