from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journal', '0002_run'),
    ]

    operations = [
        migrations.CreateModel(
            name='Log',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.BigIntegerField(default=0, verbose_name='条数')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_log')],
            },
        ),
        migrations.CreateModel(
            name='Root',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.BigIntegerField(unique=True, verbose_name='条数')),
                ('root', models.CharField(max_length=64, verbose_name='根值')),
                ('at', models.DateTimeField(verbose_name='记录时间')),
            ],
            options={
                'verbose_name': '留痕根值',
                'ordering': ['-size'],
            },
        ),
        migrations.CreateModel(
            name='Tile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(verbose_name='层')),
                ('number', models.BigIntegerField(verbose_name='序号')),
                ('hashes', models.BinaryField(verbose_name='散列值')),
                ('events', models.BinaryField(default=b'', verbose_name='留痕编号')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('level', 'number'), name='one_tile_a_place')],
            },
        ),
        migrations.AddField(
            model_name='event',
            name='commitment',
            field=models.BinaryField(null=True, verbose_name='文字的承诺值'),
        ),
        migrations.AddField(
            model_name='event',
            name='digest',
            field=models.BinaryField(null=True, verbose_name='摘要'),
        ),
        migrations.AddField(
            model_name='event',
            name='marks',
            field=models.BinaryField(null=True, verbose_name='各项校验'),
        ),
        migrations.AddField(
            model_name='event',
            name='nonce',
            field=models.BinaryField(null=True, verbose_name='随机数'),
        ),
        migrations.AddField(
            model_name='event',
            name='position',
            field=models.BigIntegerField(null=True, unique=True, verbose_name='在留痕树中的位置'),
        ),
        migrations.AddField(
            model_name='event',
            name='salt',
            field=models.BinaryField(null=True, verbose_name='文字的盐'),
        ),
        migrations.AddField(
            model_name='event',
            name='seal',
            field=models.BinaryField(null=True, verbose_name='封印'),
        ),
        migrations.AddField(
            model_name='event',
            name='words',
            field=models.JSONField(null=True, verbose_name='文字'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('position', None)), fields=['id'], name='event_unplaced'),
        ),
    ]
