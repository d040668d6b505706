import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False, verbose_name='日期')),
                ('is_working', models.BooleanField(verbose_name='上班')),
                ('name', models.CharField(blank=True, max_length=60, verbose_name='说明')),
            ],
        ),
        migrations.CreateModel(
            name='CalendarYear',
            fields=[
                ('year', models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name='年份')),
                ('official', models.BooleanField(default=False, verbose_name='已正式公布')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='依据')),
            ],
        ),
        migrations.CreateModel(
            name='PointType',
            fields=[
                ('code', models.CharField(max_length=10, primary_key=True, serialize=False, verbose_name='编码')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='次序')),
            ],
            options={
                'ordering': ['position', 'code'],
            },
        ),
        migrations.CreateModel(
            name='CaseStandard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('book', models.CharField(max_length=80, verbose_name='标准册')),
                ('code', models.CharField(max_length=60, verbose_name='编码')),
                ('kind', models.CharField(max_length=10, verbose_name='部件/事件')),
                ('class_name', models.CharField(max_length=60, verbose_name='大类')),
                ('item', models.CharField(max_length=80, verbose_name='小类')),
                ('condition', models.CharField(max_length=500, verbose_name='立案条件')),
                ('limit_text', models.CharField(max_length=60, verbose_name='处置时限（原文）')),
                ('limit_amount', models.DecimalField(decimal_places=2, max_digits=8, null=True, verbose_name='时限')),
                ('limit_unit', models.CharField(blank=True, choices=[('urgent_hours', '紧急工作时'), ('working_hours', '工作时'), ('hours', '小时'), ('working_days', '工作日'), ('days', '天'), ('urgent_days', '紧急工作日')], max_length=20, verbose_name='单位')),
                ('closes_when', models.CharField(max_length=300, verbose_name='结案条件')),
                ('handler', models.CharField(blank=True, max_length=300, verbose_name='处置单位')),
                ('supervisor', models.CharField(blank=True, max_length=300, verbose_name='主管部门')),
                ('replaced_at', models.DateTimeField(null=True, verbose_name='停用时间')),
            ],
            options={
                'verbose_name': '立案标准',
                'ordering': ['book', 'code'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('book', 'code'), name='one_current_case_standard'), models.CheckConstraint(condition=models.Q(models.Q(('limit_amount', None), ('limit_unit', '')), models.Q(('limit_amount__gt', 0), models.Q(('limit_unit', ''), _negated=True)), _connector='OR'), name='limit_amount_and_unit_together')],
            },
        ),
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, verbose_name='编码')),
                ('version', models.CharField(max_length=20, verbose_name='版次')),
                ('name', models.CharField(max_length=120, verbose_name='名称')),
                ('source', models.TextField(blank=True, verbose_name='依据')),
                ('published_at', models.DateTimeField(null=True, verbose_name='发布时间')),
                ('published_by', models.CharField(blank=True, max_length=80, verbose_name='发布人')),
                ('updated_at', models.DateTimeField(verbose_name='更新时间')),
            ],
            options={
                'verbose_name': '测评标准',
                'constraints': [models.UniqueConstraint(fields=('code', 'version'), name='one_edition_version')],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='编码')),
                ('name', models.CharField(max_length=120, verbose_name='名称')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='次序')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='standards.edition')),
            ],
            options={
                'ordering': ['position', 'code'],
                'constraints': [models.UniqueConstraint(fields=('edition', 'code'), name='one_item_code')],
            },
        ),
        migrations.CreateModel(
            name='Content',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='编码')),
                ('name', models.CharField(max_length=160, verbose_name='名称')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='次序')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contents', to='standards.item')),
            ],
            options={
                'ordering': ['position', 'code'],
                'constraints': [models.UniqueConstraint(fields=('item', 'code'), name='one_content_code')],
            },
        ),
        migrations.CreateModel(
            name='Criterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='编码')),
                ('text', models.CharField(max_length=300, verbose_name='标准')),
                ('how', models.JSONField(default=list, verbose_name='查法')),
                ('threshold', models.CharField(blank=True, max_length=200, verbose_name='数量要求')),
                ('photo_on_fail', models.BooleanField(default=False, verbose_name='不合格须拍照')),
                ('severity', models.CharField(choices=[('V', '否决类'), ('A', '重大'), ('B', '一般'), ('C', '轻微')], max_length=1, verbose_name='等级')),
                ('method', models.CharField(max_length=20, verbose_name='方法')),
                ('weight', models.DecimalField(decimal_places=3, default=1, max_digits=6, verbose_name='权重')),
                ('carve_outs', models.CharField(blank=True, max_length=300, verbose_name='不算问题的情形')),
                ('case_standard', models.CharField(blank=True, max_length=40, verbose_name='立案标准编码')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='出处')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='次序')),
                ('content', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='standards.content', verbose_name='测评内容')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='standards.edition')),
                ('point_type', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='standards.pointtype', verbose_name='点位类型')),
            ],
            options={
                'verbose_name': '测评标准条目',
                'ordering': ['position', 'code'],
                'indexes': [models.Index(fields=['edition', 'point_type', 'position'], name='criterion_checklist')],
                'constraints': [models.UniqueConstraint(fields=('edition', 'code'), name='one_criterion_code')],
            },
        ),
        migrations.CreateModel(
            name='VetoItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='编码')),
                ('text', models.CharField(max_length=300, verbose_name='情形')),
                ('sanction', models.CharField(max_length=200, verbose_name='处理')),
                ('points', models.DecimalField(decimal_places=2, max_digits=6, null=True, verbose_name='扣分')),
                ('window_months', models.PositiveSmallIntegerField(default=12, verbose_name='追溯月数')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='出处')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='veto_items', to='standards.edition')),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.UniqueConstraint(fields=('edition', 'code'), name='one_veto_code')],
            },
        ),
        migrations.CreateModel(
            name='EditionMethod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20, verbose_name='方法')),
                ('weight', models.DecimalField(decimal_places=3, max_digits=6, verbose_name='权重')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='出处')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='methods', to='standards.edition')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('edition', 'kind'), name='one_method_an_edition')],
            },
        ),
    ]
