import chuangwen.places.models
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Area',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, unique=True, verbose_name='编码')),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('kind', models.CharField(choices=[('district', '区'), ('street', '街道'), ('community', '社区'), ('grid', '网格'), ('compound', '小区')], max_length=20, verbose_name='类别')),
                ('boundary', models.JSONField(blank=True, null=True, verbose_name='边界')),
                ('is_sample', models.BooleanField(default=False, verbose_name='样例')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='places.area', verbose_name='上级')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='areas', to='people.unit', verbose_name='属地单位')),
            ],
            options={
                'verbose_name': '区域',
                'indexes': [models.Index(fields=['kind', 'code'], name='area_kind_code')],
            },
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, unique=True, verbose_name='编码')),
                ('name', models.CharField(max_length=120, verbose_name='名称')),
                ('point_type', models.CharField(max_length=10, verbose_name='点位类型')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='地址')),
                ('contact_name', models.CharField(blank=True, max_length=40, verbose_name='联系人')),
                ('contact_phone', models.CharField(blank=True, max_length=20, verbose_name='联系电话')),
                ('leader_name', models.CharField(blank=True, max_length=40, verbose_name='包保领导')),
                ('lng', models.DecimalField(decimal_places=6, max_digits=9, validators=[django.core.validators.MinValueValidator(-180), django.core.validators.MaxValueValidator(180)], verbose_name='经度')),
                ('lat', models.DecimalField(decimal_places=6, max_digits=9, validators=[django.core.validators.MinValueValidator(-90), django.core.validators.MaxValueValidator(90)], verbose_name='纬度')),
                ('token', models.CharField(default=chuangwen.places.models.site_token, max_length=24, unique=True, verbose_name='二维码标识')),
                ('active', models.BooleanField(default=True, verbose_name='在用')),
                ('is_sample', models.BooleanField(default=False, verbose_name='样例')),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sites', to='places.area', verbose_name='所在区域')),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='home_sites', to='people.unit', verbose_name='属地单位')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='owned_sites', to='people.unit', verbose_name='责任单位')),
                ('street', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='street_sites', to='people.unit', verbose_name='所在街道')),
            ],
            options={
                'verbose_name': '点位',
                'ordering': ['code'],
                'indexes': [models.Index(fields=['point_type', 'code'], name='site_type_code'), models.Index(fields=['street', 'point_type'], name='site_street_type')],
            },
        ),
    ]
