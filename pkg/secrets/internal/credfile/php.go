package credfile

func phpFormats() []Format {
	return []Format{
		{
			ID: "wp-config", Title: "WordPress configuration", Documentation: "https://developer.wordpress.org/advanced-administration/wordpress/wp-config/",
			names: []string{"wp-config.php", "wp-config*.php", "wp-config.php*"},
			read: settings(phpCode, about{user: "DB_USER|FTP_USER", host: "DB_HOST|FTP_HOST"},
				pick{at: "**/DB_PASSWORD|FTP_PASS|FTP_PRIKEY_PASS|SMTP_PASS*|PROXY_PASSWORD|WP_REDIS_PASSWORD"},
				pick{at: "**/AUTH_KEY|SECURE_AUTH_KEY|LOGGED_IN_KEY|NONCE_KEY|AUTH_SALT|SECURE_AUTH_SALT|LOGGED_IN_SALT|NONCE_SALT", open: unlessPhrase("put your unique phrase here")},
				pick{named: isSecretName, confidence: Likely}),
		}, {
			ID: "drupal-settings", Title: "Drupal settings", Documentation: "https://www.drupal.org/docs/getting-started/installing-drupal",
			names: []string{"sites/*/settings.php", "sites/*/settings.local.php", "settings.local.php", "?settings.php"}, head: containing("Drupal", "$databases"),
			read: settings(phpCode, about{user: "username", host: "host"},
				pick{at: "**/password"}, pick{at: "**/hash_salt|drupal_hash_salt"}, pick{at: "**/db_url", open: urlPassword}),
		}, {
			ID: "joomla-configuration", Title: "Joomla configuration", Documentation: "https://docs.joomla.org/Configuration_options_in_configuration.php",
			names: []string{"?configuration.php"}, head: containing("JConfig"),
			read: settings(phpCode, about{user: "user", host: "host"}, pick{at: "**/password|ftp_pass|smtppass|proxy_pass|redis_server_auth"}, pick{at: "**/secret"}),
		}, {
			ID: "magento-env", Title: "Magento 2 deployment configuration", Documentation: "https://experienceleague.adobe.com/en/docs/commerce-operations/configuration-guide/files/config-reference-envphp",
			names: []string{"app/etc/env.php"},
			read: settings(phpCode, about{user: "username", host: "host|server"},
				pick{at: "**/password"}, pick{at: "**/crypt/key"}, pick{named: isSecretName, confidence: Likely}),
		}, {
			ID: "magento-local", Title: "Magento 1 configuration", Documentation: "https://docs.openmage.org/",
			names: []string{"app/etc/local.xml"},
			read:  settings(xmlText, about{user: "username", host: "host"}, pick{at: "**/password"}, pick{at: "**/crypt/key"}),
		}, {
			ID: "php-config", Title: "Configuration of PHP applications", Documentation: "https://www.php.net/manual/en/function.define.php",
			names: []string{
				"localsettings.php", "config.inc.php", "config_inc.php", "conf_global.php", "localconfiguration.php", "parameters.php", "database.php", "config.php",
				"db.php", "db_config.php", "dbconfig.php", "settings.inc.php", "config.local.php", "local.php", "global.php", "autoload.local.php", "credentials.php",
			},
			read: settings(phpCode, about{user: "user|username|dbuser|db_user|DB_USER|DB_USERNAME", host: "host|dbhost|server|hostname|DB_HOST|DB_SERVER"},
				pick{at: "**/password|passwd|pass|dbpass|dbpasswd|dbpassword|db_password|wgDBpassword|controlpass|smtp_pass", confidence: Likely},
				pick{at: "**/blowfish_secret|encryption_key|wgSecretKey|wgUpgradeKey|secretsalt|passwordsalt|des_key|secret"},
				pick{at: "**/dsn|db_dsnw|db_dsn|url", open: connection}, pick{named: isSecretName, confidence: Likely}),
		},
	}
}

// unlessPhrase takes a value unless it is the one that the template has.
func unlessPhrase(phrase string) opener {
	return func(v string) []part {
		if v == phrase {
			return nil
		}
		return []part{whole(v)}
	}
}
