import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0001_initial'),
        ('evidence', '0001_initial'),
        ('people', '__first__'),
        ('places', '0001_initial'),
        ('standards', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Patrol',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, verbose_name='名称')),
                ('kind', models.CharField(choices=[('daily', '日常巡查'), ('special', '专项督查'), ('follow_up', '跟踪督查'), ('unannounced', '暗访')], default='daily', max_length=20, verbose_name='类别')),
                ('starts_at', models.DateTimeField(verbose_name='开始')),
                ('ends_at', models.DateTimeField(verbose_name='结束')),
                ('cancelled_at', models.DateTimeField(null=True, verbose_name='取消时间')),
                ('created_at', models.DateTimeField(verbose_name='创建时间')),
                ('created_by', models.CharField(max_length=80, verbose_name='创建人')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='standards.edition', verbose_name='测评标准')),
                ('inspectors', models.ManyToManyField(related_name='patrols', to=settings.AUTH_USER_MODEL, verbose_name='巡查员')),
            ],
            options={
                'verbose_name': '巡查',
                'ordering': ['-starts_at', '-id'],
                'indexes': [models.Index(fields=['-starts_at', '-id'], name='patrol_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='patrol_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='PatrolSite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='次序')),
                ('patrol', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stops', to='patrols.patrol')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.site')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('patrol', 'site'), name='one_stop_a_site')],
            },
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(verbose_name='开始')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='完成')),
                ('inspector', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patrol', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='patrols.patrol')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='places.site')),
            ],
            options={
                'verbose_name': '走访',
                'indexes': [models.Index(fields=['site', '-started_at'], name='visit_site_newest'), models.Index(fields=['started_at'], name='visit_started')],
                'constraints': [models.UniqueConstraint(fields=('patrol', 'site', 'inspector'), name='one_visit_a_stop_and_inspector')],
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(choices=[('pass', '合格'), ('fail', '不合格'), ('na', '不适用')], max_length=4, verbose_name='判定')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='说明')),
                ('found_at', models.DateTimeField(verbose_name='判定时间')),
                ('lng', models.DecimalField(decimal_places=6, max_digits=9, null=True, verbose_name='经度')),
                ('lat', models.DecimalField(decimal_places=6, max_digits=9, null=True, verbose_name='纬度')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='standards.criterion')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='patrols.visit')),
            ],
            options={
                'verbose_name': '判定',
                'indexes': [models.Index(fields=['criterion', 'verdict', 'found_at'], name='finding_criterion')],
                'constraints': [models.UniqueConstraint(fields=('visit', 'criterion'), name='one_finding_a_criterion'), models.CheckConstraint(condition=models.Q(models.Q(('lat', None), ('lng', None)), models.Q(('lat__isnull', False), ('lng__isnull', False), ('verdict', 'fail')), _connector='OR'), name='position_only_with_a_failed_finding')],
            },
        ),
        migrations.CreateModel(
            name='FindingPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='patrols.finding')),
                ('photo', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.photo')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('finding', 'photo'), name='one_photo_a_finding')],
            },
        ),
    ]
