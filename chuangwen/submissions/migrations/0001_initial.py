import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('evidence', '0003_prints_hints_public_copies'),
        ('patrols', '0002_secrecy'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('instance_id', models.CharField(max_length=249, unique=True, verbose_name='记录编号')),
                ('form_id', models.CharField(max_length=120, verbose_name='表单')),
                ('form_version', models.CharField(blank=True, max_length=120, verbose_name='表单版本')),
                ('digest', models.CharField(max_length=64)),
                ('wanted', models.JSONField(default=list, verbose_name='要有的附件')),
                ('filled', models.JSONField(null=True, verbose_name='填写内容')),
                ('received_at', models.DateTimeField(verbose_name='收到时间')),
                ('judged_at', models.DateTimeField(verbose_name='判定时间')),
                ('filed_at', models.DateTimeField(null=True, verbose_name='入账时间')),
                ('replaced_at', models.DateTimeField(null=True, verbose_name='被修改的一份代替')),
                ('sender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('visit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patrols.visit')),
            ],
            options={
                'verbose_name': '表单记录',
                'indexes': [models.Index(condition=models.Q(('filed_at', None), ('replaced_at', None)), fields=['sender', 'received_at'], name='submission_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('filed_at', None), ('visit', None)), models.Q(('filed_at__isnull', False), ('visit__isnull', False)), _connector='OR'), name='filed_with_its_visit'), models.CheckConstraint(condition=models.Q(('filed_at', None), ('replaced_at', None), _connector='OR'), name='filed_or_replaced')],
            },
        ),
        migrations.CreateModel(
            name='Part',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=255, verbose_name='文件名')),
                ('photo', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.photo')),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='submissions.submission')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('submission', 'name'), name='one_part_a_name')],
            },
        ),
    ]
