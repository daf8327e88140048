package corpus

// serverFiles are the settings of servers and of the system.
func serverFiles() []kind {
	return []kind{
		{name: "htpasswd-apr1", path: "etc/apache2/.htpasswd", template: "admin:<<$apr1${crypt:8}${crypt:22}>>\n", note: "a hash, to be guessed offline"},
		{name: "htpasswd-bcrypt", path: "etc/nginx/.htpasswd", template: "ops:<<$2y$10${crypt:53}>>\n", note: "a hash, to be guessed offline"},
		{name: "shadow-sha512", path: "etc/shadow", template: "root:<<$6${crypt:16}${crypt:86}>>:19800:0:99999:7:::\ndaemon:*:19800:0:99999:7:::\n", note: "a hash, to be guessed offline"},
		{name: "shadow-yescrypt", path: "etc/shadow-", template: "root:*:19800:0:99999:7:::\ndeploy:<<$y$j9T${crypt:22}${crypt:43}>>:19800:0:99999:7:::\n", note: "a hash, to be guessed offline"},
		{name: "ldap-conf", path: "etc/pam_ldap.conf", template: "host ldap.internal\nbase dc=corp,dc=internal\nbinddn cn=reader,dc=corp,dc=internal\nbindpw <<{pw:16}>>\n"},
		{name: "slapd-rootpw", path: "etc/ldap/slapd.conf", template: "suffix \"dc=corp,dc=internal\"\nrootdn \"cn=admin,dc=corp,dc=internal\"\nrootpw <<{SSHA}{b64:38}==>>\n", note: "a hash, to be guessed offline"},
		{name: "sssd-conf", path: "etc/sssd/sssd.conf", template: "[domain/corp]\nid_provider = ldap\nldap_default_bind_dn = cn=reader,dc=corp\nldap_default_authtok_type = password\nldap_default_authtok = <<{pw:18}>>\n"},
		{name: "postfix-sasl", path: "etc/postfix/sasl_passwd", template: "[smtp.relay.internal]:587 mailer:<<{pw:18}>>\n"},
		{name: "ssmtp-conf", path: "etc/ssmtp/ssmtp.conf", template: "mailhub=smtp.internal:587\nAuthUser=mailer\nAuthPass=<<{pw:16}>>\nUseSTARTTLS=YES\n"},
		{name: "dovecot-users", path: "etc/dovecot/users", template: "ops:{PLAIN}<<{pw:16}>>:1000:1000::/home/ops::\n"},
		{name: "exim-passwd-client", path: "etc/exim4/passwd.client", template: "smtp.internal:mailer:<<{pw:16}>>\n"},
		{name: "redis-requirepass", path: "etc/redis/redis.conf", template: "bind 0.0.0.0\nport 6379\nrequirepass <<{b62:32}>>\nappendonly yes\n"},
		{name: "redis-acl", path: "etc/redis/users.acl", template: "user default off\nuser app on ><<{pw:24}>> ~app:* +@all\n"},
		{name: "rabbitmq-definitions", path: "etc/rabbitmq/definitions.json", template: "{\"users\": [{\"name\": \"app\", \"password_hash\": \"<<{b64:48}>>\", \"hashing_algorithm\": \"rabbit_password_hashing_sha256\", \"tags\": [\"administrator\"]}]}\n", note: "a hash, to be guessed offline"},
		{name: "rabbitmq-conf", path: "etc/rabbitmq/rabbitmq.conf", template: "listeners.tcp.default = 5672\ndefault_user = app\ndefault_pass = <<{pw:18}>>\n"},
		{name: "erlang-cookie", path: "var/lib/rabbitmq/.erlang.cookie", template: "<<{B36:20}>>"},
		{name: "kafka-jaas", path: "etc/kafka/kafka_server_jaas.conf", template: "KafkaServer {\n  org.apache.kafka.common.security.plain.PlainLoginModule required\n  username=\"broker\"\n  password=\"<<{pw:20}>>\";\n};\n"},
		{name: "kafka-client-properties", path: "etc/kafka/client.properties", template: "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"<+{B36:16}+>\" password=\"<<{b64:64}>>\";\n"},
		{name: "kafka-keystore-password", path: "etc/kafka/server.properties", template: "ssl.keystore.location=/etc/kafka/server.jks\nssl.keystore.password=<<{pw:16}>>\n"},
		{name: "grafana-admin", path: "etc/grafana/grafana.ini", template: "[security]\nadmin_user = admin\nadmin_password = <<{pw:18}>>\n"},
		{name: "grafana-secret-key", path: "etc/grafana/custom.ini", template: "[security]\nsecret_key = <<{b62:20}>>\n"},
		{name: "grafana-datasource", path: "etc/grafana/provisioning/datasources/db.yaml", template: "apiVersion: 1\ndatasources:\n  - name: shop\n    type: postgres\n    user: grafana\n    secureJsonData:\n      password: <<{pw:18}>>\n"},
		{name: "prometheus-basic-auth", path: "etc/prometheus/prometheus.yml", template: "scrape_configs:\n  - job_name: shop\n    basic_auth:\n      username: prometheus\n      password: <<{pw:20}>>\n"},
		{name: "alertmanager-smtp", path: "etc/alertmanager/alertmanager.yml", template: "global:\n  smtp_smarthost: smtp.internal:587\n  smtp_auth_username: alerts\n  smtp_auth_password: <<{pw:20}>>\n"},
		{name: "alertmanager-pagerduty", path: "etc/prometheus/alertmanager.yml", template: "receivers:\n  - name: oncall\n    pagerduty_configs:\n      - routing_key: <<{hex:32}>>\n"},
		{name: "odbc-ini", path: "etc/odbc.ini", template: "[shop]\nDriver = FreeTDS\nServer = sql.internal\nUID = shop\nPWD = <<{pw:18}>>\n"},
		{name: "tomcat-users", path: "usr/local/tomcat/conf/tomcat-users.xml", template: "<tomcat-users>\n  <role rolename=\"manager-gui\"/>\n  <user username=\"admin\" password=\"<<{pw:16}>>\" roles=\"manager-gui\"/>\n</tomcat-users>\n"},
		{name: "tomcat-keystore", path: "usr/local/tomcat/conf/server.xml", template: "<Connector port=\"8443\" SSLEnabled=\"true\" keystoreFile=\"conf/keystore.jks\" keystorePass=\"<<{pw:16}>>\"/>\n"},
		{name: "wildfly-datasource", path: "opt/wildfly/standalone/configuration/standalone.xml", template: "<datasource jndi-name=\"java:/shop\">\n  <security user-name=\"shop\" password=\"<<{pw:16}>>\"/>\n</datasource>\n"},
		{name: "snmp-user", path: "var/lib/snmp/snmpd.conf", template: "createUser monitor SHA \"<<{pw:16}>>\" AES\nrouser monitor authPriv\n"},
		{name: "coturn-secret", path: "etc/turnserver.conf", template: "use-auth-secret\nstatic-auth-secret=<<{hex:64}>>\nrealm=turn.corp.internal\n"},
		{name: "mosquitto-bridge", path: "etc/mosquitto/conf.d/bridge.conf", template: "connection cloud\naddress mqtt.corp.internal:8883\nremote_username edge\nremote_password <<{pw:20}>>\n"},
		{name: "mosquitto-passwd", path: "etc/mosquitto/passwd", template: "edge:<<$7$101${b64:16}${b64:86}==>>\n", note: "a hash, to be guessed offline"},
		{name: "elasticsearch-output", path: "etc/filebeat/filebeat.yml", template: "output.elasticsearch:\n  hosts: [\"https://es.internal:9200\"]\n  username: beats\n  password: \"<<{pw:20}>>\"\n"},
		{name: "zabbix-server", path: "etc/zabbix/zabbix_server.conf", template: "DBName=zabbix\nDBUser=zabbix\nDBPassword=<<{pw:18}>>\n"},
		{name: "pgbouncer-userlist", path: "etc/pgbouncer/userlist.txt", template: "\"shop\" \"<<{pw:18}>>\"\n"},
		{name: "haproxy-userlist", path: "etc/haproxy/haproxy.cfg", template: "userlist stats\n  user admin insecure-password <<{pw:16}>>\n"},
		{name: "haproxy-stats", path: "etc/haproxy/stats.cfg", template: "listen stats\n  bind :9000\n  stats enable\n  stats auth admin:<<{pw:16}>>\n"},
		{name: "systemd-environment", path: "etc/systemd/system/shop.service", template: "[Service]\nEnvironment=PORT=8080 \"DB_PASSWORD=<<{pw:20}>>\"\nExecStart=/usr/bin/shop\n"},
		{name: "crontab-url", path: "etc/cron.d/report", template: "5 4 * * * root curl -fsS -u cron:<<{pw:18}>> https://reports.internal/run\n"},
		{name: "supervisor-http", path: "etc/supervisor/supervisord.conf", template: "[inet_http_server]\nport = 127.0.0.1:9001\nusername = admin\npassword = <<{pw:16}>>\n"},
	}
}

// networkFiles are the settings of VPNs and radio networks.
func networkFiles() []kind {
	return []kind{
		{name: "wireguard-private-key", path: "etc/wireguard/wg0.conf", template: "[Interface]\nAddress = 10.8.0.2/24\nPrivateKey = <<{b64:42}{wgend:1}=>>\n\n[Peer]\nPublicKey = {b64:42}{wgend:1}=\nEndpoint = vpn.internal:51820\n"},
		{name: "wireguard-preshared-key", path: "etc/wireguard/peer.conf", template: "[Peer]\nPublicKey = {b64:42}{wgend:1}=\nPresharedKey = <<{b64:42}{wgend:1}=>>\nAllowedIPs = 10.8.0.0/24\n"},
		{name: "openvpn-static-key", path: "etc/openvpn/ta.key", special: openVPNStaticKey},
		{name: "openvpn-inline-key", path: "etc/openvpn/client.ovpn", special: openVPNInlineKey},
		{name: "openvpn-auth-file", path: "etc/openvpn/auth-user-pass.txt", template: "vpn-user\n<<{pw:18}>>\n"},
		{name: "ipsec-secrets", path: "etc/ipsec.secrets", template: "gateway.internal %any : PSK \"<<{pw:28}>>\"\n"},
		{name: "swanctl-secret", path: "etc/swanctl/swanctl.conf", template: "secrets {\n  eap-ops {\n    id = ops\n    secret = \"<<{pw:20}>>\"\n  }\n}\n"},
		{name: "ppp-chap-secrets", path: "etc/ppp/chap-secrets", template: "# client server secret addresses\nbranch * \"<<{pw:16}>>\" *\n"},
		{name: "wpa-passphrase", path: "etc/wpa_supplicant/wpa_supplicant.conf", template: "network={\n  ssid=\"corp\"\n  psk=\"<<{phrase:3}>>\"\n}\n"},
		{name: "network-manager-psk", path: "etc/NetworkManager/system-connections/corp.nmconnection", template: "[wifi-security]\nkey-mgmt=wpa-psk\npsk=<<{phrase:3}>>\n"},
		{name: "freeradius-client", path: "etc/freeradius/3.0/clients.conf", template: "client switch {\n  ipaddr = 10.0.0.2\n  secret = <<{pw:20}>>\n}\n"},
		{name: "bind-tsig-key", path: "etc/bind/tsig.key", template: "key \"transfer\" {\n  algorithm hmac-sha256;\n  secret \"<<{b64:43}=>>\";\n};\n"},
	}
}
