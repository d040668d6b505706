import datetime
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Gate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=10)),
                ('target', models.CharField(blank=True, max_length=40)),
                ('opens_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('channel', 'target'), name='one_gate')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', '电子邮件'), ('sms', '短信'), ('push', '手机推送'), ('wecom', '企业微信群机器人'), ('dingtalk', '钉钉群机器人')], max_length=10, verbose_name='渠道')),
                ('target', models.CharField(max_length=40, verbose_name='去向')),
                ('key', models.CharField(max_length=32, unique=True, verbose_name='标识')),
                ('made_at', models.DateTimeField(verbose_name='时间')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='试过')),
                ('next_try_at', models.DateTimeField(verbose_name='下次再试')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='已发出')),
                ('aside_at', models.DateTimeField(null=True, verbose_name='搁置')),
                ('error', models.CharField(blank=True, default='', max_length=300, verbose_name='原因')),
            ],
            options={
                'verbose_name': '外发消息',
                'indexes': [models.Index(condition=models.Q(('aside_at', None), ('sent_at', None)), fields=['next_try_at', 'id'], name='message_to_send'), models.Index(condition=models.Q(('aside_at__isnull', False)), fields=['-id'], name='message_aside')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.CharField(blank=True, default='', max_length=32, verbose_name='单位群')),
                ('key', models.CharField(max_length=100, verbose_name='由来')),
                ('what', models.CharField(max_length=20, verbose_name='事由')),
                ('text', models.CharField(max_length=200, verbose_name='内容')),
                ('matter_kind', models.CharField(max_length=30, verbose_name='对象类别')),
                ('matter_id', models.BigIntegerField(verbose_name='对象编号')),
                ('urgent', models.BooleanField(default=False, verbose_name='紧急')),
                ('acts', models.BooleanField(default=True, verbose_name='须办理')),
                ('due_at', models.DateTimeField(null=True, verbose_name='期限')),
                ('made_at', models.DateTimeField(verbose_name='时间')),
                ('read', models.BooleanField(default=False, verbose_name='已读')),
                ('done_at', models.DateTimeField(null=True, verbose_name='已了结')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='收件人')),
            ],
            options={
                'verbose_name': '通知',
                'indexes': [models.Index(condition=models.Q(('done_at', None)), fields=['user', '-id'], name='notice_open'), models.Index(condition=models.Q(('done_at', None), ('read', False)), fields=['user'], name='notice_unread'), models.Index(condition=models.Q(('done_at', None)), fields=['matter_kind', 'matter_id'], name='notice_matter'), models.Index(condition=models.Q(('done_at__isnull', False)), fields=['done_at'], name='notice_done')],
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='one_notice_a_person'), models.UniqueConstraint(condition=models.Q(('user', None)), fields=('group', 'key'), name='one_notice_a_group'), models.CheckConstraint(condition=models.Q(models.Q(('user', None), models.Q(('group', ''), _negated=True)), models.Q(('group', ''), ('user__isnull', False)), _connector='OR'), name='notice_has_one_receiver')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', '电子邮件'), ('sms', '短信'), ('push', '手机推送'), ('wecom', '企业微信群机器人'), ('dingtalk', '钉钉群机器人')], max_length=10, verbose_name='渠道')),
                ('target', models.CharField(max_length=40, verbose_name='去向')),
                ('item', models.CharField(max_length=60, verbose_name='事项')),
                ('urgent', models.BooleanField(default=False, verbose_name='紧急')),
                ('send_at', models.DateTimeField(verbose_name='何时发出')),
                ('reminder_day', models.DateField(null=True, verbose_name='提醒日')),
                ('dropped_at', models.DateTimeField(null=True, verbose_name='不必再发')),
                ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notices.message')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notices.notice')),
            ],
            options={
                'verbose_name': '外发',
                'indexes': [models.Index(condition=models.Q(('dropped_at', None), ('message', None)), fields=['send_at', 'id'], name='delivery_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('reminder_day', None)), fields=('notice', 'channel', 'target'), name='one_first_delivery'), models.UniqueConstraint(condition=models.Q(('reminder_day__isnull', False)), fields=('channel', 'target', 'item', 'reminder_day'), name='one_reminder_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channels', models.JSONField(default=list, verbose_name='渠道')),
                ('email', models.EmailField(blank=True, default='', max_length=254, verbose_name='邮箱')),
                ('pace', models.CharField(blank=True, choices=[('at_once', 'at_once'), ('daily', 'daily')], default='', max_length=10, verbose_name='快慢')),
                ('digest_at', models.TimeField(default=datetime.time(8, 30), verbose_name='汇总时间')),
                ('quiet_from', models.TimeField(default=datetime.time(22, 0), verbose_name='免打扰起')),
                ('quiet_to', models.TimeField(default=datetime.time(7, 0), verbose_name='免打扰止')),
                ('quiet_on_rest_days', models.BooleanField(default=True, verbose_name='休息日免打扰')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='PushDevice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('endpoint', models.URLField(max_length=600)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('p256dh', models.CharField(max_length=120)),
                ('auth', models.CharField(max_length=40)),
                ('made_at', models.DateTimeField(verbose_name='登记时间')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
