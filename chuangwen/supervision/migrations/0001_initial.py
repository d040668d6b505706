import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0002_search'),
        ('evidence', '0002_upload'),
        ('patrols', '0002_secrecy'),
        ('people', '0002_secrecy'),
        ('people', '__first__'),
        ('places', '0001_initial'),
        ('standards', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('raw', '待整理'), ('case', '已立案'), ('sent', '待答复'), ('answered', '待评定'), ('accepted', '已销号'), ('dropped', '不再跟踪')], default='raw', max_length=10, verbose_name='状态')),
                ('text', models.CharField(max_length=500, verbose_name='情况')),
                ('place', models.CharField(blank=True, max_length=200, verbose_name='位置')),
                ('deadline', models.DateTimeField(null=True, verbose_name='期限')),
                ('noted_at', models.DateTimeField(verbose_name='记录时间')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='交办时间')),
                ('answer', models.CharField(blank=True, max_length=1000, verbose_name='答复')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='答复时间')),
                ('judged_at', models.DateTimeField(null=True, verbose_name='评定时间')),
                ('judged_note', models.CharField(blank=True, max_length=500, verbose_name='评定意见')),
                ('returned', models.PositiveSmallIntegerField(default=0, verbose_name='重新答复次数')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人')),
                ('case', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case', verbose_name='案件')),
                ('noted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='记录人')),
                ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.site', verbose_name='点位')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='责任单位')),
            ],
            options={
                'verbose_name': '督查意见',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['unit', 'state', 'deadline'], name='remark_unit_work')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', False), ('state', 'case')), models.Q(models.Q(('state', 'case'), _negated=True), ('case', None)), _connector='OR'), name='remark_case_when_it_became_one'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['answered', 'sent']), _negated=True), models.Q(('deadline__isnull', False), ('sent_at__isnull', False), ('unit__isnull', False)), _connector='OR'), name='sent_remark_has_unit_and_deadline')],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('leader', '领导督查'), ('special', '专项督查'), ('follow_up', '跟踪督查'), ('regular', '定期督查'), ('visit', '明察暗访')], max_length=10, verbose_name='类别')),
                ('title', models.CharField(max_length=120, verbose_name='名称')),
                ('basis', models.CharField(blank=True, max_length=300, verbose_name='依据')),
                ('questions', models.TextField(blank=True, verbose_name='督查内容')),
                ('point_types', models.JSONField(default=list, verbose_name='点位类型')),
                ('starts_at', models.DateTimeField(verbose_name='开始')),
                ('ends_at', models.DateTimeField(verbose_name='结束')),
                ('secret', models.BooleanField(default=False, verbose_name='保密')),
                ('disclosed_at', models.DateTimeField(null=True, verbose_name='公布时间')),
                ('status', models.CharField(choices=[('draft', '待下达'), ('running', '进行中'), ('closed', '已销号'), ('dropped', '已取消')], default='draft', max_length=10, verbose_name='状态')),
                ('repeat', models.CharField(blank=True, choices=[('', '不重复'), ('weekly', '每周'), ('monthly', '每月')], default='', max_length=10, verbose_name='重复')),
                ('turn', models.PositiveIntegerField(default=0, verbose_name='第几次')),
                ('left_open', models.CharField(blank=True, max_length=500, verbose_name='未办完而销号的理由')),
                ('created_at', models.DateTimeField(verbose_name='创建时间')),
                ('created_by', models.CharField(max_length=80, verbose_name='创建人')),
                ('ordered_at', models.DateTimeField(null=True, verbose_name='下达时间')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='销号时间')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('areas', models.ManyToManyField(related_name='+', to='places.area', verbose_name='区域')),
                ('edition', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='standards.edition', verbose_name='测评标准')),
                ('followed_cases', models.ManyToManyField(related_name='+', to='cases.case', verbose_name='跟踪的案件')),
                ('followed_remarks', models.ManyToManyField(related_name='+', to='supervision.remark', verbose_name='跟踪的意见')),
                ('follows', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='supervision.task', verbose_name='跟踪的督查')),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='督查范围所属')),
                ('patrols', models.ManyToManyField(related_name='+', to='patrols.patrol', verbose_name='巡查')),
                ('series', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='turns', to='supervision.task', verbose_name='系列')),
                ('sites', models.ManyToManyField(related_name='+', to='places.site', verbose_name='点位')),
                ('team', models.ManyToManyField(related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='督查组')),
                ('units', models.ManyToManyField(related_name='+', to='people.unit', verbose_name='被督查单位')),
            ],
            options={
                'verbose_name': '督查任务',
                'ordering': ['-starts_at', '-id'],
                'indexes': [models.Index(fields=['home', '-starts_at', '-id'], name='task_home_newest'), models.Index(fields=['status', '-starts_at'], name='task_status')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='task_ends_after_start'), models.UniqueConstraint(fields=('series', 'turn'), name='one_task_a_turn'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'draft'), _negated=True), models.Q(('disclosed_at', None), ('ordered_at', None)), _connector='OR'), name='draft_task_is_not_known'), models.CheckConstraint(condition=models.Q(('repeat', ''), ('kind', 'regular'), _connector='OR'), name='only_regular_tasks_repeat')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=160, verbose_name='标题')),
                ('text', models.TextField(verbose_name='正文')),
                ('figures', models.JSONField(default=list, verbose_name='数字')),
                ('drafted_at', models.DateTimeField(verbose_name='起草时间')),
                ('drafted_by', models.CharField(max_length=80, verbose_name='起草人')),
                ('edited_at', models.DateTimeField(null=True, verbose_name='修改时间')),
                ('edited_by', models.CharField(blank=True, max_length=80, verbose_name='修改人')),
                ('released_at', models.DateTimeField(null=True, verbose_name='发布时间')),
                ('released_by', models.CharField(blank=True, max_length=80, verbose_name='发布人')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('task', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='report', to='supervision.task')),
            ],
            options={
                'verbose_name': '督查报告',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('released_at', None), ('released_by', '')), models.Q(('released_at__isnull', False), models.Q(('released_by', ''), _negated=True)), _connector='OR'), name='released_report_has_person')],
            },
        ),
        migrations.AddField(
            model_name='remark',
            name='task',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remarks', to='supervision.task'),
        ),
        migrations.CreateModel(
            name='RemarkPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('of_answer', models.BooleanField(default=False, verbose_name='答复照片')),
                ('photo', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.photo')),
                ('remark', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='supervision.remark')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('remark', 'photo', 'of_answer'), name='one_photo_a_remark')],
            },
        ),
    ]
