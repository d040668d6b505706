import chuangwen.surveys.models
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0004_parts'),
        ('people', '0002_secrecy'),
        ('places', '0001_initial'),
        ('standards', '0002_criterion_hint_criterion_hint_en_criterion_media_and_more'),
    ]

    operations = [
        migrations.CreateModel(
            name='RecentAnswerer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('sent_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['digest', 'sent_at'], name='recent_answerer')],
            },
        ),
        migrations.CreateModel(
            name='Survey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, verbose_name='名称')),
                ('created_at', models.DateTimeField(verbose_name='创建时间')),
                ('created_by', models.CharField(max_length=80, verbose_name='创建人')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='调查范围所属')),
            ],
            options={
                'verbose_name': '问卷',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['home', '-id'], name='survey_home_newest')],
            },
        ),
        migrations.CreateModel(
            name='Form',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='版本')),
                ('content', models.JSONField(verbose_name='题目')),
                ('rates', models.TextField(blank=True, verbose_name='指标定义')),
                ('published_at', models.DateTimeField(null=True, verbose_name='发布时间')),
                ('published_by', models.CharField(blank=True, max_length=80, verbose_name='发布人')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('survey', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='forms', to='surveys.survey')),
            ],
            options={
                'verbose_name': '问卷版本',
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('survey', 'number'), name='one_form_a_number'), models.UniqueConstraint(condition=models.Q(('published_at', None)), fields=('survey',), name='one_draft_a_survey')],
            },
        ),
        migrations.CreateModel(
            name='Wave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, verbose_name='名称')),
                ('starts_on', models.DateField(verbose_name='开始')),
                ('ends_on', models.DateField(verbose_name='结束')),
                ('state', models.CharField(choices=[('planned', '筹备中'), ('open', '进行中'), ('closed', '已结束')], default='planned', max_length=10, verbose_name='状态')),
                ('token', models.CharField(default=chuangwen.surveys.models.wave_token, max_length=24, unique=True)),
                ('open_link', models.BooleanField(default=False, verbose_name='公开链接')),
                ('least', models.PositiveSmallIntegerField(default=10, verbose_name='最少份数')),
                ('margins', models.JSONField(default=dict, verbose_name='总体构成')),
                ('quotas', models.JSONField(default=dict, verbose_name='配额')),
                ('frame', models.TextField(blank=True, verbose_name='抽样名单')),
                ('addresses', models.JSONField(default=dict, verbose_name='名单地址')),
                ('frame_sha256', models.CharField(blank=True, max_length=64, verbose_name='名单指纹')),
                ('wanted', models.PositiveIntegerField(default=0, verbose_name='抽取户数')),
                ('sources', models.JSONField(default=list, verbose_name='种子来源')),
                ('announced_on', models.DateField(null=True, verbose_name='开奖日')),
                ('record', models.JSONField(null=True, verbose_name='抽取记录')),
                ('results', models.JSONField(null=True, verbose_name='结果')),
                ('computed_at', models.DateTimeField(null=True, verbose_name='计算时间')),
                ('created_at', models.DateTimeField(verbose_name='创建时间')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('edition', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='standards.edition', verbose_name='测评标准')),
                ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='waves', to='surveys.form')),
                ('survey', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='waves', to='surveys.survey')),
            ],
            options={
                'verbose_name': '调查轮次',
                'ordering': ['-starts_on', '-id'],
                'indexes': [models.Index(fields=['survey', '-starts_on', '-id'], name='wave_survey_newest'), models.Index(fields=['edition', 'state'], name='wave_edition_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='wave_ends_after_start'), models.CheckConstraint(condition=models.Q(('least__gte', 5)), name='wave_hides_small_cells')],
            },
        ),
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(max_length=30, verbose_name='题目')),
                ('text', models.TextField(verbose_name='意见')),
                ('case', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case', verbose_name='案件')),
                ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.site', verbose_name='点位')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='街道')),
                ('wave', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remarks', to='surveys.wave')),
            ],
            options={
                'verbose_name': '居民意见',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['wave', 'id'], name='remark_wave')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='邀请码')),
                ('household', models.CharField(max_length=40, verbose_name='户编号')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='地址')),
                ('outcome', models.CharField(choices=[('waiting', '待访'), ('nobody', '无人在家'), ('refused', '不愿回答'), ('gone', '空置或非住户'), ('answered', '已答')], default='waiting', max_length=10, verbose_name='结果')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='上门次数')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='街道')),
                ('wave', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='surveys.wave')),
            ],
            options={
                'verbose_name': '抽中户',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['wave', 'street', 'outcome'], name='invitation_street_outcome')],
                'constraints': [models.UniqueConstraint(fields=('wave', 'household'), name='one_invitation_a_household')],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(choices=[('link', '公开链接'), ('place', '现场扫码'), ('code', '邀请码'), ('visit', '入户'), ('paper', '纸质')], max_length=10, verbose_name='渠道')),
                ('sampled', models.BooleanField(default=False, verbose_name='抽中户')),
                ('language', models.CharField(default='zh', max_length=5, verbose_name='语言')),
                ('answers', models.JSONField(verbose_name='回答')),
                ('seconds', models.PositiveIntegerField(null=True, verbose_name='用时')),
                ('flags', models.JSONField(default=list, verbose_name='提示')),
                ('fingerprint', models.CharField(max_length=64)),
                ('left_out', models.CharField(blank=True, max_length=200, verbose_name='不计入的理由')),
                ('day', models.DateField(verbose_name='日期')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.site', verbose_name='点位')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='街道')),
                ('wave', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='surveys.wave')),
            ],
            options={
                'verbose_name': '答卷',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['wave', 'fingerprint'], name='answer_wave_print'), models.Index(fields=['wave', 'street'], name='answer_wave_street')],
            },
        ),
    ]
