import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('username', models.CharField(max_length=40, unique=True, verbose_name='账号')),
                ('display_name', models.CharField(max_length=40, verbose_name='姓名')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='电话')),
                ('is_active', models.BooleanField(default=True, verbose_name='在用')),
                ('is_demo', models.BooleanField(default=False, verbose_name='样例账号')),
                ('must_change_password', models.BooleanField(default=False, verbose_name='须修改密码')),
            ],
            options={
                'verbose_name': '人员',
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='用途')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='FailedLogin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('username', models.CharField(max_length=40)),
                ('address', models.CharField(max_length=45)),
                ('failed_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['username', 'failed_at'], name='failed_login_recent')],
            },
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, unique=True, verbose_name='编码')),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('kind', models.CharField(choices=[('city', '市'), ('district', '区'), ('district_office', '区文明办'), ('street', '街道'), ('department', '部门'), ('community', '社区'), ('grid', '网格'), ('property_firm', '物业公司'), ('owners_committee', '业主委员会'), ('volunteer_team', '志愿服务队'), ('regulator', '监管机构'), ('party_branch', '党支部'), ('other', '其他单位')], max_length=20, verbose_name='类别')),
                ('path', models.CharField(max_length=400, unique=True, verbose_name='路径')),
                ('active', models.BooleanField(default=True, verbose_name='在用')),
                ('is_sample', models.BooleanField(default=False, verbose_name='样例')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='people.unit', verbose_name='上级')),
            ],
            options={
                'verbose_name': '单位',
                'ordering': ['path'],
                'indexes': [models.Index(fields=['kind', 'path'], name='unit_kind_path')],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('system_admin', '系统管理员'), ('office_clerk', '文明办专员'), ('office_chief', '文明办主任'), ('leader', '领导'), ('inspector', '巡查员'), ('unit_chief', '单位负责人'), ('unit_worker', '承办人'), ('grid_worker', '网格员')], max_length=20, verbose_name='岗位')),
                ('starts_on', models.DateField(verbose_name='任职起')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='任职止')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='posts', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='people.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '岗位',
                'constraints': [models.UniqueConstraint(fields=('user', 'unit', 'role', 'starts_on'), name='one_post_once'), models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='post_ends_after_start')],
            },
        ),
    ]
