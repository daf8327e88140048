package corpus

// frameworkFiles are the settings of web frameworks and applications.
func frameworkFiles() []kind {
	return []kind{
		{name: "dotenv-password", path: "opt/api/.env", template: "NODE_ENV=production\nPORT=3000\nDB_HOST=db.internal\nDB_PASSWORD=<<{pw:20}>>\n"},
		{name: "wordpress-db-password", path: "var/www/html/wp-config.php", template: "<?php\ndefine( 'DB_USER', 'wp' );\ndefine( 'DB_PASSWORD', '<<{pw:18}>>' );\ndefine( 'DB_HOST', 'mysql' );\n"},
		{name: "wordpress-auth-key", path: "var/www/blog/wp-config.php", template: "<?php\ndefine( 'AUTH_KEY', '<<{b62:64}>>' );\n$table_prefix = 'wp_';\n"},
		{name: "django-secret-key", path: "opt/site/settings.py", template: "DEBUG = False\nSECRET_KEY = '<<{b36:48}{hex:2}>>'\nALLOWED_HOSTS = ['shop.internal']\n"},
		{name: "django-database", path: "opt/shop/settings.py", template: "DATABASES = {\n    'default': {\n        'ENGINE': 'django.db.backends.postgresql',\n        'USER': 'shop',\n        'PASSWORD': '<<{pw:18}>>',\n    }\n}\n"},
		{name: "flask-secret-key", path: "opt/flask/config.py", template: "class Production:\n    SQLALCHEMY_ECHO = False\n    SECRET_KEY = \"<<{hex:48}>>\"\n"},
		{name: "rails-master-key", path: "opt/rails/config/master.key", template: "<<{hex:32}>>"},
		{name: "rails-secret-key-base", path: "opt/rails/config/secrets.yml", template: "production:\n  secret_key_base: <<{hex:128}>>\n"},
		{name: "rails-database", path: "opt/rails/config/database.yml", template: "production:\n  adapter: postgresql\n  username: rails\n  password: <<{pw:18}>>\n"},
		{name: "spring-properties", path: "opt/spring/application.properties", template: "spring.datasource.url=jdbc:postgresql://db/shop\nspring.datasource.username=shop\nspring.datasource.password=<<{pw:18}>>\n"},
		{name: "spring-yaml", path: "opt/spring/application.yml", template: "spring:\n  rabbitmq:\n    username: shop\n    password: <<{pw:18}>>\n"},
		{name: "spring-jwt-secret", path: "opt/auth/application.properties", template: "server.port=8080\njwt.secret=<<{b62:64}>>\n"},
		{name: "laravel-app-key", path: "var/www/laravel/.env", template: "APP_ENV=production\nAPP_KEY=base64:<<{b64:43}=>>\nAPP_DEBUG=false\n"},
		{name: "symfony-app-secret", path: "var/www/symfony/.env.local", template: "APP_ENV=prod\nAPP_SECRET=<<{hex:32}>>\n"},
		{name: "aspnet-appsettings", path: "opt/dotnet/appsettings.Production.json", template: "{\n  \"ConnectionStrings\": {\n    \"Shop\": \"Server=sql.internal;Database=Shop;User Id=shop;Password=<<{pw:18}>>;\"\n  }\n}\n"},
		{name: "aspnet-machine-key", path: "opt/dotnet/web.config", template: "<configuration><system.web>\n  <machineKey validationKey=\"<+{HEX:128}+>\" decryptionKey=\"<<{HEX:64}>>\" validation=\"SHA1\"/>\n</system.web></configuration>\n"},
		{name: "magento-crypt-key", path: "var/www/magento/app/etc/env.php", template: "<?php\nreturn [\n    'crypt' => [\n        'key' => '<<{hex:32}>>'\n    ],\n];\n"},
		{name: "drupal-database", path: "var/www/drupal/sites/default/settings.php", template: "<?php\n$databases['default']['default'] = [\n  'driver' => 'mysql',\n  'username' => 'drupal',\n  'password' => '<<{pw:18}>>',\n];\n"},
		{name: "joomla-configuration", path: "var/www/joomla/configuration.php", template: "<?php\nclass JConfig {\n\tpublic $user = 'joomla';\n\tpublic $password = '<<{pw:18}>>';\n}\n"},
		{name: "phpmyadmin-config", path: "etc/phpmyadmin/config.inc.php", template: "<?php\n$cfg['Servers'][1]['controluser'] = 'pma';\n$cfg['Servers'][1]['controlpass'] = '<<{pw:16}>>';\n"},
		{name: "hibernate-password", path: "opt/java/hibernate.cfg.xml", template: "<session-factory>\n  <property name=\"hibernate.connection.username\">shop</property>\n  <property name=\"hibernate.connection.password\"><<{pw:16}>></property>\n</session-factory>\n"},
		{name: "airflow-fernet-key", path: "opt/airflow/airflow.cfg", template: "[core]\nexecutor = LocalExecutor\nfernet_key = <<{url:43}=>>\n"},
		{name: "superset-secret", path: "opt/superset/superset_config.py", template: "ROW_LIMIT = 5000\nSECRET_KEY = \"<<{b64:56}>>\"\n"},
		{name: "phoenix-secret-key-base", path: "opt/phoenix/config/prod.secret.exs", template: "import Config\nconfig :shop, ShopWeb.Endpoint,\n  secret_key_base: \"<<{b64:64}>>\"\n"},
	}
}

// deploymentFiles are those of clusters, CI and provisioning.
func deploymentFiles() []kind {
	return []kind{
		{name: "k8s-secret-string", path: "opt/deploy/secret.yaml", template: "apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop\nstringData:\n  password: <<{pw:20}>>\n"},
		{name: "k8s-secret-data", path: "opt/deploy/db-secret.yaml", template: "apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop-db\ntype: Opaque\ndata:\n  password: [[b64:<<{pw:20}>>]]\n"},
		{name: "k8s-dockerconfigjson", path: "opt/deploy/pull-secret.yaml", special: pullSecret},
		{name: "k8s-deployment-env", path: "opt/deploy/deployment.yaml", template: "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: shop\n          env:\n            - name: DB_PASSWORD\n              value: <<{pw:20}>>\n"},
		{name: "compose-environment", path: "opt/shop/docker-compose.yml", template: "services:\n  db:\n    image: mysql:8\n    environment:\n      MYSQL_ROOT_PASSWORD: <<{pw:20}>>\n"},
		{name: "helm-values", path: "opt/chart/values-prod.yaml", template: "postgresql:\n  auth:\n    username: shop\n    password: <<{pw:20}>>\n"},
		{name: "terraform-state", path: "opt/infra/terraform.tfstate", template: "{\n  \"version\": 4,\n  \"resources\": [{\"type\": \"aws_db_instance\", \"name\": \"shop\", \"instances\": [{\"attributes\": {\"username\": \"shop\", \"password\": \"<<{pw:24}>>\"}}]}]\n}\n"},
		{name: "terraform-variables", path: "opt/infra/prod.tfvars", template: "region      = \"eu-central-1\"\ndb_password = \"<<{pw:24}>>\"\n"},
		{name: "ansible-inventory", path: "etc/ansible/hosts", template: "[web]\nweb1.internal ansible_user=deploy ansible_password=<<{pw:18}>>\n"},
		{name: "ansible-become", path: "etc/ansible/group_vars/all.yml", template: "ansible_user: deploy\nansible_become_password: <<{pw:18}>>\n"},
		{name: "ansible-vault-password-file", path: "opt/ansible/.vault_pass", template: "<<{pw:32}>>\n"},
		{name: "gitlab-runner-config", path: "etc/gitlab-runner/config.toml", template: "concurrent = 4\n[[runners]]\n  name = \"docker\"\n  url = \"https://gitlab.internal/\"\n  token = \"<<{url:19}{b62:1}>>\"\n"},
		{name: "jenkins-master-key", path: "var/jenkins_home/secrets/master.key", template: "<<{hex:256}>>"},
		{name: "jenkins-private-key", path: "var/jenkins_home/credentials.xml", special: jenkinsCredentials},
		{name: "jenkins-password", path: "var/jenkins_home/jobs/build/config.xml", template: "<project>\n  <builders><hudson.tasks.Shell><command>docker login -u ci -p <<{pw:22}>> registry.internal</command></hudson.tasks.Shell></builders>\n</project>\n"},
		{name: "github-workflow", path: "opt/src/.github/workflows/deploy.yml", template: "jobs:\n  deploy:\n    runs-on: ubuntu-latest\n    env:\n      DEPLOY_PASSWORD: <<{pw:22}>>\n"},
		{name: "travis-plain", path: "opt/src/.travis.yml", template: "env:\n  global:\n    - RELEASE_TOKEN=<<{b62:40}>>\n"},
		{name: "vagrant-answers", path: "opt/preseed.cfg", template: "d-i passwd/user-fullname string Ops\nd-i passwd/root-password password <<{pw:16}>>\n"},
		{name: "cloud-init-password", path: "var/lib/cloud/seed/nocloud/user-data", template: "#cloud-config\nchpasswd:\n  expire: false\n  list: |\n    root:<<{pw:16}>>\n"},
		{name: "docker-swarm-unlock-key", path: "opt/swarm/unlock.txt", template: "To unlock a swarm manager, provide the following key:\n\n    <<SWMKEY-1-{b64:43}>>\n"},
		{name: "kubeadm-token", path: "opt/kubeadm/config.yaml", template: "kind: InitConfiguration\nbootstrapTokens:\n  - token: <<{b36:6}.{b36:16}>>\n    ttl: 24h0m0s\n"},
		{name: "etcd-encryption-key", path: "etc/kubernetes/encryption.yaml", template: "kind: EncryptionConfiguration\nresources:\n  - providers:\n      - aescbc:\n          keys:\n            - name: key1\n              secret: <<{b64:43}=>>\n"},
	}
}

// sourceFiles are secrets that somebody wrote into a program.
func sourceFiles() []kind {
	return []kind{
		{name: "python-connect", path: "opt/jobs/load.py", template: "import psycopg2\n\nconn = psycopg2.connect(host=\"db\", user=\"etl\", password=\"<<{pw:18}>>\")\n"},
		{name: "java-constant", path: "opt/src/main/java/Db.java", template: "class Db {\n    private static final String PASSWORD = \"<<{pw:18}>>\";\n}\n"},
		{name: "go-constant", path: "opt/src/db.go", template: "package db\n\nconst adminPassword = \"<<{pw:18}>>\"\n"},
		{name: "javascript-object", path: "opt/src/mailer.js", template: "module.exports = nodemailer.createTransport({\n  host: 'smtp.internal',\n  auth: { user: 'mailer', pass: '<<{pw:18}>>' },\n});\n"},
		{name: "csharp-credential", path: "opt/src/Client.cs", template: "var cred = new NetworkCredential(\"svc-report\", \"<<{pw:18}>>\", \"CORP\");\n"},
		{name: "powershell-securestring", path: "opt/scripts/join.ps1", template: "$p = ConvertTo-SecureString \"<<{pw:16}>>\" -AsPlainText -Force\nAdd-Computer -DomainName corp.internal -Credential (New-Object PSCredential(\"joiner\", $p))\n"},
		{name: "shell-chpasswd", path: "usr/local/bin/setup.sh", template: "#!/bin/sh\nset -e\necho \"root:<<{pw:16}>>\" | chpasswd\n"},
		{name: "shell-sshpass", path: "usr/local/bin/sync.sh", template: "#!/bin/sh\nsshpass -p '<<{pw:16}>>' rsync -a /data backup@nas.internal:/data\n"},
		{name: "shell-curl-header", path: "usr/local/bin/notify.sh", template: "#!/bin/sh\ncurl -H \"Authorization: Bearer <<{b62:40}>>\" https://api.corp.internal/notify\n"},
		{name: "shell-pgpassword", path: "usr/local/bin/dump.sh", template: "#!/bin/sh\nPGPASSWORD=<<{pw:18}>> pg_dump -h db -U shop shop > /tmp/shop.sql\n"},
		{name: "sql-create-user", path: "docker-entrypoint-initdb.d/01-users.sql", template: "CREATE USER shop WITH PASSWORD '<<{pw:18}>>';\nGRANT ALL ON DATABASE shop TO shop;\n"},
		{name: "sql-identified-by", path: "docker-entrypoint-initdb.d/02-grants.sql", template: "CREATE USER 'report'@'%' IDENTIFIED BY '<<{pw:18}>>';\n"},
		{name: "expect-script", path: "usr/local/bin/login.exp", template: "spawn ssh ops@gw.internal\nexpect \"assword:\"\nsend \"<<{pw:16}>>\\r\"\n"},
	}
}
