import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0003_photos_to_examine'),
        ('people', '0001_initial'),
        ('people', '__first__'),
        ('places', '0001_initial'),
        ('standards', '0002_criterion_hint_criterion_hint_en_criterion_media_and_more'),
    ]

    operations = [
        migrations.CreateModel(
            name='CasePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(max_length=500, verbose_name='要做的事')),
                ('state', models.CharField(choices=[('open', '办理中'), ('done', '已办完'), ('taken_off', '已免去')], default='open', max_length=10, verbose_name='状态')),
                ('added_at', models.DateTimeField(verbose_name='交办时间')),
                ('due_at', models.DateTimeField(verbose_name='办结期限')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='办完时间')),
                ('finish_note', models.CharField(blank=True, max_length=1000, verbose_name='办理情况')),
                ('returned', models.PositiveSmallIntegerField(default=0, verbose_name='退回重办次数')),
                ('taken_off_at', models.DateTimeField(null=True, verbose_name='免去时间')),
                ('taken_off_reason', models.CharField(blank=True, max_length=500, verbose_name='免去理由')),
            ],
            options={
                'verbose_name': '案件部分',
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('state', 'done')), models.Q(models.Q(('state', 'done'), _negated=True), ('finished_at', None)), _connector='OR'), name='done_part_has_moment'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'taken_off'), ('taken_off_at__isnull', False)), models.Q(models.Q(('state', 'taken_off'), _negated=True), ('taken_off_at', None)), _connector='OR'), name='part_taken_off_has_moment')],
            },
        ),
        migrations.AddField(
            model_name='case',
            name='parts_due_at',
            field=models.DateTimeField(null=True, verbose_name='共同办理期限'),
        ),
        migrations.AddField(
            model_name='case',
            name='parts_open',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='未办完的部分'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('parts_open', 0), ('status__in', ['accepted', 'dispatched', 'handling', 'reported', 'returned', 'suspended']), _connector='OR'), name='open_parts_keep_case_open'),
        ),
        migrations.AddField(
            model_name='casepart',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='cases.case', verbose_name='案件'),
        ),
        migrations.AddField(
            model_name='casepart',
            name='finished_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='办理人'),
        ),
        migrations.AddField(
            model_name='casepart',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='单位'),
        ),
        migrations.AddIndex(
            model_name='casepart',
            index=models.Index(fields=['unit', 'state', 'due_at'], name='case_part_unit_work'),
        ),
        migrations.AddConstraint(
            model_name='casepart',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('case', 'unit'), name='one_open_part_a_unit'),
        ),
    ]
