import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0001_initial'),
        ('evidence', '0001_initial'),
        ('people', '0001_initial'),
        ('people', '__first__'),
        ('places', '0001_initial'),
        ('standards', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Draw',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField(verbose_name='样本起')),
                ('ends_on', models.DateField(verbose_name='样本止')),
                ('share', models.DecimalField(decimal_places=4, max_digits=5, verbose_name='份额')),
                ('at_least_one', models.BooleanField(default=True, verbose_name='每街道至少一件')),
                ('sources', models.JSONField(verbose_name='种子来源')),
                ('announced_on', models.DateField(verbose_name='开奖日')),
                ('snapshot', models.TextField(verbose_name='候选名单')),
                ('sha256', models.CharField(max_length=64, verbose_name='名单指纹')),
                ('salt', models.CharField(max_length=64, verbose_name='封存用随机串')),
                ('size', models.PositiveIntegerField(verbose_name='候选数')),
                ('left_out', models.PositiveIntegerField(default=0, verbose_name='不能盲查而未列入')),
                ('days_to_do', models.PositiveSmallIntegerField(default=7, verbose_name='复核时限（天）')),
                ('published_at', models.DateTimeField(verbose_name='公布时间')),
                ('published_by', models.CharField(max_length=80, verbose_name='公布人')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('numbers', models.JSONField(null=True, verbose_name='开奖号码')),
                ('numbers_from', models.CharField(blank=True, max_length=200, verbose_name='号码出处')),
                ('drawn_at', models.DateTimeField(null=True, verbose_name='抽取时间')),
                ('drawn_by', models.CharField(blank=True, max_length=80, verbose_name='抽取人')),
                ('record', models.JSONField(null=True, verbose_name='公布的记录')),
                ('cancelled_at', models.DateTimeField(null=True, verbose_name='作废时间')),
                ('cancel_reason', models.CharField(blank=True, max_length=300, verbose_name='作废理由')),
                ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='范围')),
            ],
            options={
                'verbose_name': '抽查',
                'ordering': ['-published_at', '-id'],
                'indexes': [models.Index(fields=['-published_at', '-id'], name='draw_newest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('cancelled_at', None)), fields=('scope', 'starts_on', 'ends_on'), name='one_living_draw_a_period'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='draw_ends_after_start'), models.CheckConstraint(condition=models.Q(('share__gt', 0), ('share__lte', 1)), name='draw_share_is_a_share'), models.CheckConstraint(condition=models.Q(models.Q(('drawn_at', None), ('numbers', None), ('record', None)), models.Q(('drawn_at__isnull', False), ('numbers__isnull', False), ('record__isnull', False)), _connector='OR'), name='drawn_with_numbers_and_record'), models.CheckConstraint(condition=models.Q(models.Q(('cancel_reason', ''), ('cancelled_at', None)), models.Q(('cancelled_at__isnull', False), models.Q(('cancel_reason', ''), _negated=True)), _connector='OR'), name='cancelled_draw_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Candidate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='编号')),
                ('kind', models.CharField(choices=[('case', '已结案件'), ('visit', '全部合格的检查单')], max_length=6, verbose_name='种类')),
                ('subject_id', models.BigIntegerField(verbose_name='对象编号')),
                ('seal', models.CharField(max_length=64, verbose_name='封存值')),
                ('position', models.PositiveIntegerField(null=True, verbose_name='抽中次序')),
                ('criterion', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='standards.criterion', verbose_name='标准条目')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.site', verbose_name='点位')),
                ('draw', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='candidates', to='rechecks.draw')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('draw', 'number'), name='one_candidate_a_number'), models.UniqueConstraint(fields=('draw', 'kind', 'subject_id'), name='one_candidate_a_subject'), models.UniqueConstraint(fields=('draw', 'position'), name='one_candidate_a_position'), models.CheckConstraint(condition=models.Q(models.Q(('criterion', None), ('kind', 'visit')), models.Q(('criterion__isnull', False), ('kind', 'case')), _connector='OR'), name='a_case_is_looked_at_by_its_criterion')],
            },
        ),
        migrations.CreateModel(
            name='Second',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_verdict', models.CharField(choices=[('pass', '合格'), ('fail', '不合格'), ('na', '不适用')], max_length=4, verbose_name='首次判定')),
                ('verdict', models.CharField(blank=True, choices=[('pass', '合格'), ('fail', '不合格'), ('na', '不适用')], max_length=4, verbose_name='复核判定')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='说明')),
                ('found_at', models.DateTimeField(null=True, verbose_name='判定时间')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='standards.criterion')),
            ],
            options={
                'verbose_name': '复核判定',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('found_at', None), ('verdict', '')), models.Q(models.Q(('verdict', ''), _negated=True), ('found_at__isnull', False)), _connector='OR'), name='second_verdict_has_time'), models.CheckConstraint(condition=models.Q(('case', None), ('verdict', 'fail'), _connector='OR'), name='case_of_a_failed_second')],
            },
        ),
        migrations.CreateModel(
            name='SecondPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('photo', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.photo')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='rechecks.second')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('second', 'photo'), name='one_photo_a_second')],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(verbose_name='复核期限')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='完成时间')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='撤回时间')),
                ('barred', models.ManyToManyField(related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='须回避的人')),
                ('candidate', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='task', to='rechecks.candidate')),
                ('first', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='首次判定人')),
                ('inspector', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.site', verbose_name='点位')),
            ],
            options={
                'verbose_name': '复核任务',
                'ordering': ['due_at', 'id'],
                'indexes': [models.Index(condition=models.Q(('finished_at', None), ('withdrawn_at', None)), fields=['inspector', 'due_at'], name='recheck_open'), models.Index(fields=['finished_at'], name='recheck_finished')],
                'constraints': [models.CheckConstraint(condition=models.Q(('finished_at', None), ('inspector__isnull', False), _connector='OR'), name='finished_by_somebody'), models.CheckConstraint(condition=models.Q(('finished_at', None), ('withdrawn_at', None), _connector='OR'), name='finished_or_withdrawn'), models.CheckConstraint(condition=models.Q(('first', None), ('inspector', None), models.Q(('first', models.F('inspector')), _negated=True), _connector='OR'), name='second_is_not_the_first')],
            },
        ),
        migrations.AddField(
            model_name='second',
            name='task',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='verdicts', to='rechecks.task'),
        ),
        migrations.AddConstraint(
            model_name='second',
            constraint=models.UniqueConstraint(fields=('task', 'criterion'), name='one_second_verdict_a_criterion'),
        ),
    ]
