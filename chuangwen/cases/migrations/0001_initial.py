import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('evidence', '0001_initial'),
        ('people', '0001_initial'),
        ('people', '__first__'),
        ('places', '0001_initial'),
        ('standards', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=60, unique=True, verbose_name='文号')),
                ('title', models.CharField(max_length=160, verbose_name='标题')),
                ('issuer', models.CharField(max_length=80, verbose_name='发文单位')),
                ('note', models.TextField(blank=True, verbose_name='要求')),
                ('deadline', models.DateTimeField(verbose_name='整改期限')),
                ('issued_at', models.DateTimeField(verbose_name='下达时间')),
                ('issued_by', models.CharField(max_length=80, verbose_name='下达人')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
            ],
            options={
                'verbose_name': '整改任务书',
            },
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('reported', '待受理'), ('accepted', '待派遣'), ('refused', '不予受理'), ('dispatched', '待签收'), ('returned', '已退回'), ('handling', '整改中'), ('rectified', '待核查'), ('verified', '核查通过'), ('closed', '已结案'), ('force_closed', '强制结案'), ('cancelled', '已作废'), ('suspended', '挂账中')], max_length=20, verbose_name='状态')),
                ('origin_kind', models.CharField(max_length=20, verbose_name='来源')),
                ('origin_id', models.BigIntegerField(null=True, verbose_name='来源编号')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('title', models.CharField(max_length=200, verbose_name='标题')),
                ('text', models.TextField(blank=True, verbose_name='情况')),
                ('reply', models.TextField(blank=True, verbose_name='答复')),
                ('severity', models.CharField(choices=[('V', '否决类'), ('A', '重大'), ('B', '一般'), ('C', '轻微')], default='B', max_length=1, verbose_name='等级')),
                ('criterion_code', models.CharField(blank=True, max_length=20, verbose_name='测评标准')),
                ('point_type', models.CharField(blank=True, max_length=10, verbose_name='点位类型')),
                ('place', models.CharField(blank=True, max_length=200, verbose_name='位置')),
                ('lng', models.DecimalField(decimal_places=6, max_digits=9, null=True, verbose_name='经度')),
                ('lat', models.DecimalField(decimal_places=6, max_digits=9, null=True, verbose_name='纬度')),
                ('reported_at', models.DateTimeField(verbose_name='上报时间')),
                ('dispatched_at', models.DateTimeField(null=True, verbose_name='派遣时间')),
                ('clock_started_at', models.DateTimeField(null=True, verbose_name='计时起点')),
                ('due_at', models.DateTimeField(null=True, verbose_name='整改期限')),
                ('due_warning', models.CharField(blank=True, max_length=200, verbose_name='期限提示')),
                ('rectified_at', models.DateTimeField(null=True, verbose_name='提交整改时间')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='办结时间')),
                ('act_by', models.DateTimeField(verbose_name='本步办理时限')),
                ('suspended_until', models.DateTimeField(null=True, verbose_name='挂账至')),
                ('rework_count', models.PositiveSmallIntegerField(default=0, verbose_name='返工次数')),
                ('extension_count', models.PositiveSmallIntegerField(default=0, verbose_name='延期次数')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='home_cases', to='people.unit', verbose_name='属地单位')),
                ('rectified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='整改人')),
                ('reported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上报人')),
                ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='places.site', verbose_name='点位')),
                ('standard', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='standards.casestandard', verbose_name='立案标准')),
                ('street', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='street_cases', to='people.unit', verbose_name='街道')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='people.unit', verbose_name='责任单位')),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='cases.order', verbose_name='整改任务书')),
            ],
            options={
                'verbose_name': '案件',
                'indexes': [models.Index(fields=['status', 'act_by', 'id'], name='case_work_list'), models.Index(fields=['unit', 'status', 'act_by'], name='case_unit_work'), models.Index(condition=models.Q(('status__in', ['dispatched', 'handling'])), fields=['due_at', 'id'], name='case_running_due'), models.Index(fields=['reported_at', 'id'], name='case_reported'), models.Index(fields=['street', '-id'], name='case_street'), models.Index(fields=['unit', '-id'], name='case_unit_newest'), models.Index(fields=['home', '-id'], name='case_home'), models.Index(fields=['site', '-id'], name='case_site'), models.Index(fields=['criterion_code', 'reported_at'], name='case_criterion'), models.Index(fields=['reported_by', '-id'], name='case_reporter')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('origin_id__isnull', False)), fields=('origin_kind', 'origin_id'), name='one_case_per_origin'), models.CheckConstraint(condition=models.Q(('status__in', ['reported', 'accepted', 'refused', 'dispatched', 'returned', 'handling', 'rectified', 'verified', 'closed', 'force_closed', 'cancelled', 'suspended'])), name='case_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('lat', None), ('lng', None)), models.Q(('lat__isnull', False), ('lng__isnull', False)), _connector='OR'), name='case_lng_and_lat_together'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['dispatched', 'handling']), _negated=True), ('unit__isnull', False), _connector='OR'), name='running_case_has_unit'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'suspended'), ('suspended_until__isnull', False)), models.Q(('status', 'suspended'), _negated=True), _connector='OR'), name='suspended_case_has_end')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('query', models.CharField(max_length=500, verbose_name='条件')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('user', 'name'), name='one_saved_view_name')],
            },
        ),
        migrations.CreateModel(
            name='CasePause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('returned', '退回期间'), ('checking', '核查期间'), ('suspended', '挂账期间')], max_length=12)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pauses', to='cases.case')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ends_at', None)), fields=('case',), name='one_open_pause_a_case')],
            },
        ),
        migrations.CreateModel(
            name='CasePhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('before', '整改前'), ('after', '整改后'), ('reference', '参照')], max_length=10)),
                ('round', models.PositiveSmallIntegerField(default=0, verbose_name='第几次整改')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='cases.case')),
                ('photo', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.photo')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('case', 'photo', 'role'), name='one_photo_per_role')],
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('asked_at', models.DateTimeField()),
                ('granted', models.BooleanField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decision_reason', models.CharField(blank=True, max_length=500, verbose_name='答复')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='extensions', to='cases.case')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('granted', None)), fields=('case',), name='one_open_extension_a_case'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('granted', None)), models.Q(('decided_at__isnull', False), ('granted__isnull', False)), _connector='OR'), name='extension_decision_has_time')],
            },
        ),
    ]
