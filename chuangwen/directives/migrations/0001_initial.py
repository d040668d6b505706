import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0004_parts'),
        ('evidence', '0004_document'),
        ('people', '0002_secrecy'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Ground',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='编码')),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='次序')),
                ('active', models.BooleanField(default=True, verbose_name='在用')),
            ],
            options={
                'verbose_name': '延期原因类别',
                'ordering': ['position', 'code'],
            },
        ),
        migrations.CreateModel(
            name='Directive',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('city', '市级'), ('province', '省级'), ('nation', '国家级')], max_length=10, verbose_name='来文层级')),
                ('issuer', models.CharField(max_length=80, verbose_name='来文单位')),
                ('number', models.CharField(max_length=60, verbose_name='来文文号')),
                ('title', models.CharField(max_length=160, verbose_name='标题')),
                ('received_on', models.DateField(verbose_name='收文日期')),
                ('deadline', models.DateTimeField(verbose_name='要求期限')),
                ('note', models.TextField(blank=True, verbose_name='要求')),
                ('registered_at', models.DateTimeField(verbose_name='登记时间')),
                ('registered_by', models.CharField(max_length=80, verbose_name='登记人')),
                ('client_key', models.CharField(max_length=64, null=True, unique=True)),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='收文单位所属')),
            ],
            options={
                'verbose_name': '上级督办件',
                'ordering': ['-received_on', '-id'],
                'indexes': [models.Index(fields=['home', '-received_on', '-id'], name='directive_home_newest')],
                'constraints': [models.UniqueConstraint(fields=('home', 'number'), name='one_directive_a_number'), models.CheckConstraint(condition=models.Q(('level__in', ['city', 'nation', 'province'])), name='directive_level_known')],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='序号')),
                ('text', models.CharField(max_length=500, verbose_name='事项')),
                ('deadline', models.DateTimeField(verbose_name='现在的期限')),
                ('first_deadline', models.DateTimeField(verbose_name='来文期限')),
                ('broken_down_at', models.DateTimeField(null=True, verbose_name='分解时间')),
                ('broken_down_by', models.CharField(blank=True, max_length=80, verbose_name='分解人')),
                ('signed_off_at', models.DateTimeField(null=True, verbose_name='审签时间')),
                ('signed_off_by', models.CharField(blank=True, max_length=80, verbose_name='审签人')),
                ('result', models.CharField(blank=True, max_length=500, verbose_name='办理结果')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('directive', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='directives.directive')),
            ],
            options={
                'verbose_name': '督办事项',
                'ordering': ['number'],
                'indexes': [models.Index(condition=models.Q(('signed_off_at', None)), fields=['deadline'], name='open_item_deadline')],
                'constraints': [models.UniqueConstraint(fields=('directive', 'number'), name='one_item_a_number'), models.CheckConstraint(condition=models.Q(models.Q(('broken_down_at', None), ('broken_down_by', '')), models.Q(('broken_down_at__isnull', False), models.Q(('broken_down_by', ''), _negated=True)), _connector='OR'), name='broken_down_item_has_person'), models.CheckConstraint(condition=models.Q(models.Q(('result', ''), ('signed_off_at', None), ('signed_off_by', '')), models.Q(('signed_off_at__isnull', False), models.Q(('signed_off_by', ''), _negated=True), models.Q(('result', ''), _negated=True)), _connector='OR'), name='signed_item_has_person_and_result')],
            },
        ),
        migrations.CreateModel(
            name='ItemCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('linked_at', models.DateTimeField(verbose_name='关联时间')),
                ('linked_by', models.CharField(max_length=80, verbose_name='关联人')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='directives.item')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('item', 'case'), name='one_link_a_case')],
            },
        ),
        migrations.AddField(
            model_name='item',
            name='cases',
            field=models.ManyToManyField(related_name='+', through='directives.ItemCase', to='cases.case', verbose_name='落实的案件'),
        ),
        migrations.CreateModel(
            name='Part',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lead', models.BooleanField(verbose_name='牵头')),
                ('due_at', models.DateTimeField(verbose_name='内部期限')),
                ('first_due_at', models.DateTimeField(verbose_name='最初的内部期限')),
                ('handed_in_at', models.DateTimeField(null=True, verbose_name='报完成时间')),
                ('first_handed_in_at', models.DateTimeField(null=True, verbose_name='首次报完成时间')),
                ('returned', models.PositiveSmallIntegerField(default=0, verbose_name='退回次数')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='directives.item')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '单位承办',
                'ordering': ['-lead', 'id'],
                'indexes': [models.Index(fields=['due_at'], name='share_due'), models.Index(condition=models.Q(('handed_in_at', None)), fields=['unit', 'due_at'], name='share_to_do')],
                'constraints': [models.UniqueConstraint(fields=('item', 'unit'), name='one_share_a_unit'), models.UniqueConstraint(condition=models.Q(('lead', True)), fields=('item',), name='one_lead_unit_an_item'), models.CheckConstraint(condition=models.Q(('handed_in_at', None), ('first_handed_in_at__isnull', False), _connector='OR'), name='handed_in_share_was_first_handed_in')],
            },
        ),
        migrations.CreateModel(
            name='Reply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=160, verbose_name='标题')),
                ('text', models.TextField(verbose_name='正文')),
                ('figures', models.JSONField(default=list, verbose_name='数字')),
                ('items', models.JSONField(default=list, verbose_name='各事项结果')),
                ('taken_at', models.DateTimeField(verbose_name='取数时间')),
                ('drafted_at', models.DateTimeField(verbose_name='起草时间')),
                ('drafted_by', models.CharField(max_length=80, verbose_name='起草人')),
                ('edited_at', models.DateTimeField(null=True, verbose_name='修改时间')),
                ('edited_by', models.CharField(blank=True, max_length=80, verbose_name='修改人')),
                ('released_at', models.DateTimeField(null=True, verbose_name='签发时间')),
                ('released_by', models.CharField(blank=True, max_length=80, verbose_name='签发人')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='修订')),
                ('directive', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='reply', to='directives.directive')),
                ('drafter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('editor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '回复上级',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('released_at', None), ('released_by', '')), models.Q(('released_at__isnull', False), models.Q(('released_by', ''), _negated=True)), _connector='OR'), name='released_reply_has_person')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('progress', '报进展'), ('done', '报完成'), ('returned', '退回'), ('delay', '申报延期')], max_length=10, verbose_name='类别')),
                ('text', models.CharField(max_length=1000, verbose_name='内容')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('by_name', models.CharField(max_length=80, verbose_name='填报人')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='directives.part')),
                ('text_case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case', verbose_name='文字取自案件')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Declaration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ground_code', models.CharField(max_length=20, verbose_name='原因类别编码')),
                ('ground_name', models.CharField(max_length=80, verbose_name='原因类别')),
                ('needs', models.CharField(max_length=300, verbose_name='需要的支持')),
                ('proposed_at', models.DateTimeField(verbose_name='建议完成时间')),
                ('due_at', models.DateTimeField(verbose_name='申报时的期限')),
                ('declared_at', models.DateTimeField(verbose_name='申报时间')),
                ('state', models.CharField(choices=[('declared', '等文明办决定'), ('asked', '已向上级申请新期限'), ('refused', '文明办不同意'), ('granted', '上级同意新期限'), ('denied', '上级不同意')], max_length=10, verbose_name='状态')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='决定时间')),
                ('decided_by', models.CharField(blank=True, max_length=80, verbose_name='决定人')),
                ('decision_note', models.CharField(blank=True, max_length=500, verbose_name='决定的理由')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='上级答复时间')),
                ('answered_by', models.CharField(blank=True, max_length=80, verbose_name='登记答复的人')),
                ('answer_note', models.CharField(blank=True, max_length=500, verbose_name='上级答复')),
                ('new_deadline', models.DateTimeField(null=True, verbose_name='上级同意的新期限')),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='declarations', to='directives.part')),
                ('report', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='declaration', to='directives.report')),
            ],
            options={
                'verbose_name': '延期申报',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['asked', 'declared'])), fields=('part',), name='one_open_declaration_a_share'), models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'declared', 'denied', 'granted', 'refused'])), name='declaration_state_known'), models.CheckConstraint(condition=models.Q(('declared_at__lte', models.F('due_at'))), name='declared_before_the_deadline'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'declared')), models.Q(models.Q(('state', 'declared'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='decided_declaration_has_moment'), models.CheckConstraint(condition=models.Q(models.Q(('new_deadline__isnull', False), ('state', 'granted')), models.Q(models.Q(('state', 'granted'), _negated=True), ('new_deadline', None)), _connector='OR'), name='granted_declaration_has_deadline')],
            },
        ),
        migrations.CreateModel(
            name='ReportPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('photo', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.photo')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='directives.report')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('report', 'photo'), name='one_photo_a_report')],
            },
        ),
        migrations.CreateModel(
            name='Scan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='次序')),
                ('directive', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scans', to='directives.directive')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.document')),
                ('photo', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.photo')),
            ],
            options={
                'ordering': ['position', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('document__isnull', False), ('photo', None)), models.Q(('document', None), ('photo__isnull', False)), _connector='OR'), name='scan_is_a_photo_or_a_document')],
            },
        ),
    ]
