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
            name='Mock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='范围')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='standards.edition', verbose_name='测评标准')),
                ('plan', models.JSONField(verbose_name='各类点位抽几处')),
                ('sources', models.JSONField(verbose_name='种子来源')),
                ('announced_on', models.DateField(verbose_name='开奖日')),
                ('days_to_do', models.PositiveSmallIntegerField(default=7, verbose_name='测评时限（天）')),
                ('snapshot', models.TextField(verbose_name='候选名单')),
                ('sha256', models.CharField(max_length=64, verbose_name='名单指纹')),
                ('salt', models.CharField(max_length=64, verbose_name='封存用随机串')),
                ('published_at', models.DateTimeField(verbose_name='公布时间')),
                ('published_by', models.CharField(max_length=80, verbose_name='公布人')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('numbers', models.JSONField(null=True, verbose_name='开奖号码')),
                ('numbers_from', models.CharField(blank=True, max_length=200, verbose_name='号码出处')),
                ('drawn_at', models.DateTimeField(null=True, verbose_name='抽取时间')),
                ('drawn_by', models.CharField(blank=True, max_length=80, verbose_name='抽取人')),
                ('record', models.JSONField(null=True, verbose_name='抽取记录')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='结束时间')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='结束人')),
                ('released_at', models.DateTimeField(null=True, verbose_name='发布时间')),
                ('released_by', models.CharField(blank=True, max_length=80, verbose_name='发布人')),
                ('report', models.JSONField(null=True, verbose_name='发布的报告')),
                ('cancelled_at', models.DateTimeField(null=True, verbose_name='作废时间')),
                ('cancel_reason', models.CharField(blank=True, max_length=300, verbose_name='作废理由')),
            ],
            options={
                'verbose_name': '模拟测评',
                'ordering': ['-published_at', '-id'],
                'indexes': [models.Index(fields=['-published_at', '-id'], name='mock_newest'), models.Index(fields=['edition', 'closed_at'], name='mock_edition')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('drawn_at', None), ('numbers', None), ('record', None)), models.Q(('drawn_at__isnull', False), ('numbers__isnull', False), ('record__isnull', False)), _connector='OR'), name='mock_drawn_with_numbers_and_record'), models.CheckConstraint(condition=models.Q(('closed_at', None), ('drawn_at__isnull', False), _connector='OR'), name='mock_closed_after_draw'), models.CheckConstraint(condition=models.Q(models.Q(('released_at', None), ('report', None)), models.Q(('closed_at__isnull', False), ('released_at__isnull', False), ('report__isnull', False)), _connector='OR'), name='mock_released_with_report'), models.CheckConstraint(condition=models.Q(models.Q(('cancel_reason', ''), ('cancelled_at', None)), models.Q(('cancelled_at__isnull', False), models.Q(('cancel_reason', ''), _negated=True)), _connector='OR'), name='cancelled_mock_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Candidate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mock', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='candidates', to='mocks.mock')),
                ('number', models.PositiveIntegerField(verbose_name='编号')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.site', verbose_name='点位')),
                ('point_type', models.CharField(max_length=10, verbose_name='点位类型')),
                ('street', models.CharField(max_length=80, verbose_name='街道')),
                ('seal', models.CharField(max_length=64, verbose_name='封存值')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('mock', 'number'), name='one_mock_candidate_a_number'), models.UniqueConstraint(fields=('mock', 'site'), name='one_mock_candidate_a_site')],
            },
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='mocks.mock')),
                ('number', models.PositiveIntegerField(verbose_name='编号')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.site', verbose_name='点位')),
                ('point_type', models.CharField(max_length=10, verbose_name='点位类型')),
                ('street', models.CharField(max_length=80, verbose_name='街道')),
            ],
            options={
                'verbose_name': '测评点位',
                'ordering': ['point_type', 'number'],
                'constraints': [models.UniqueConstraint(fields=('mock', 'site'), name='one_place_a_mock')],
            },
        ),
        migrations.CreateModel(
            name='Look',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='looks', to='mocks.place')),
                ('part', models.PositiveSmallIntegerField(verbose_name='第几人')),
                ('assessor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='测评员')),
                ('due_at', models.DateTimeField(verbose_name='期限')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='完成时间')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='撤回时间')),
            ],
            options={
                'verbose_name': '测评任务',
                'ordering': ['due_at', 'id'],
                'indexes': [models.Index(condition=models.Q(('finished_at', None), ('withdrawn_at', None)), fields=['assessor', 'due_at'], name='mock_look_open')],
                'constraints': [models.UniqueConstraint(fields=('place', 'part'), name='one_look_a_part'), models.UniqueConstraint(fields=('place', 'assessor'), name='nobody_looks_twice_at_a_place'), models.CheckConstraint(condition=models.Q(('part__gte', 1), ('part__lte', 3)), name='at_most_three_looks'), models.CheckConstraint(condition=models.Q(('finished_at', None), models.Q(('assessor__isnull', False), ('withdrawn_at', None)), _connector='OR'), name='mock_look_finished_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('look', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='mocks.look')),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='standards.criterion')),
                ('verdict', models.CharField(blank=True, choices=[('pass', '合格'), ('fail', '不合格'), ('na', '没有这项设施'), ('skip', '没测到')], max_length=4, verbose_name='判定')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='说明')),
                ('found_at', models.DateTimeField(null=True, verbose_name='判定时间')),
            ],
            options={
                'verbose_name': '测评判定',
                'constraints': [models.UniqueConstraint(fields=('look', 'criterion'), name='one_answer_a_criterion'), models.CheckConstraint(condition=models.Q(models.Q(('found_at', None), ('verdict', '')), models.Q(models.Q(('verdict', ''), _negated=True), ('found_at__isnull', False)), _connector='OR'), name='mock_answer_has_time')],
            },
        ),
        migrations.CreateModel(
            name='AnswerPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='mocks.answer')),
                ('photo', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.photo')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('answer', 'photo'), name='one_photo_an_answer')],
            },
        ),
    ]
