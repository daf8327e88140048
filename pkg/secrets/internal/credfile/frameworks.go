package credfile

import "strings"

// environment are the picks of files of environment variables.
var environment = []pick{
	{named: isSecretName, confidence: Likely, open: secretText},
	{at: "**/*", open: either(urlPassword, dsnToken), confidence: Likely},
}

// environmentOwner are the variables beside a password, which share its prefix.
var environmentOwner = about{user: "*_user|*_username|*_login", host: "*_host|*_server"}

// railsEncrypted accepts what Rails' encrypted files have: three parts of base64.
func railsEncrypted(v string) bool {
	parts := strings.Split(v, "--")
	return len(parts) == 3 && oneWord(20, MaxBytes)(v)
}

func frameworkFormats() []Format {
	databaseUser := about{user: "username|user|USER", host: "host|HOST|hostname"}
	return []Format{
		{
			ID: "dotenv", Title: "Environment file", Documentation: "https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/",
			names: []string{".env", ".env.*", "*.env", ".envrc", "env.sh", ".flaskenv", "env.production", "env.local", "environment", "secrets.env", ".dev.vars"},
			read:  settings(dotenv, environmentOwner, environment...),
		}, {
			ID: "symfony-parameters", Title: "Symfony parameters", Documentation: "https://symfony.com/doc/current/configuration.html",
			names: []string{"parameters.yml", "parameters.yaml", "parameters_*.yml"},
			read: settings(yamlText, about{user: "database_user", host: "database_host"},
				pick{at: "parameters/*password|secret|*_secret|*_token|*_key", confidence: Likely}, pick{at: "parameters/*", open: urlPassword}),
		}, {
			ID: "django-settings", Title: "Django settings", Documentation: "https://docs.djangoproject.com/en/stable/ref/settings/",
			names: []string{"?settings.py", "local_settings.py", "settings_local.py", "?settings/*.py", "production_settings.py", "settings_prod.py", "?prod.py", "?production.py"},
			head:  containing("django", "DATABASES", "INSTALLED_APPS", "SECRET_KEY", "DEBUG", "PASSWORD"),
			read: settings(pythonCode, databaseUser,
				pick{at: "**/SECRET_KEY", open: unlessPrefix("django-insecure-")}, pick{at: "**/DATABASES/*/PASSWORD|password"}, pick{at: "**/PASSWORD", confidence: Likely},
				pick{named: isSecretName, confidence: Likely}, pick{at: "**/*", open: urlPassword, confidence: Likely}),
		}, {
			ID: "flask-config", Title: "Flask configuration", Documentation: "https://flask.palletsprojects.com/en/stable/config/",
			names: []string{"instance/config.py", "?config.py", "superset_config.py", "webserver_config.py", "jupyter_notebook_config.py", "jupyter_server_config.py", "config_local.py"},
			head:  containing("SECRET", "PASSWORD", "password", "c.", "DATABASE_URI", "TOKEN"),
			read: settings(pythonCode, databaseUser, pick{at: "**/SECRET_KEY"}, pick{named: isSecretName, confidence: Likely},
				pick{at: "**/*", open: urlPassword, confidence: Likely}),
		}, {
			ID: "jupyter-config", Title: "Jupyter server configuration", Documentation: "https://jupyter-server.readthedocs.io/en/latest/operators/public-server.html",
			names: []string{"jupyter_notebook_config.json", "jupyter_server_config.json"},
			read: settings(jsonText, about{}, pick{at: "NotebookApp|ServerApp|IdentityProvider|PasswordIdentityProvider/token"},
				pick{at: "NotebookApp|ServerApp|PasswordIdentityProvider/password|hashed_password", hash: "jupyter"}),
		}, {
			ID: "airflow-cfg", Title: "Airflow configuration", Documentation: "https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html",
			names: []string{"airflow.cfg"},
			read: settings(ini(iniStyle{continued: true}), about{user: "smtp_user", host: "smtp_host"},
				pick{at: "*/fernet_key|secret_key|smtp_password|password|bind_password|flower_basic_auth|jwt_secret"},
				pick{at: "*/*", open: urlPassword}),
		}, {
			ID: "alembic-ini", Title: "Alembic and Paste configuration", Documentation: "https://alembic.sqlalchemy.org/en/latest/tutorial.html",
			names: []string{"alembic.ini", "development.ini", "production.ini"},
			read: settings(ini(iniStyle{continued: true}), about{},
				pick{at: "*/*", open: urlPassword}, pick{at: "*/*secret|*password", confidence: Likely}),
		}, {
			ID: "rails-database", Title: "Rails database configuration", Documentation: "https://guides.rubyonrails.org/configuring.html#configuring-a-database",
			names: []string{"config/database.yml", "database.yml", "config/cable.yml", "mongoid.yml"},
			read:  settings(yamlText, databaseUser, pick{at: "**/password"}, pick{at: "**/url|uri", open: urlPassword}),
		}, {
			ID: "rails-secrets", Title: "Rails secrets", Documentation: "https://guides.rubyonrails.org/security.html#custom-credentials",
			names: []string{"config/secrets.yml", "secrets.yml", "config/credentials.yml", "secret_token.rb"},
			read: both(settings(yamlText, about{}, pick{at: "**/secret_key_base|secret_token"}, pick{named: isSecretName, confidence: Likely}),
				settings(rubyCode, about{}, pick{at: "**/secret_key_base|secret_token"})),
		}, {
			ID: "rails-master-key", Title: "Rails master key", Documentation: "https://guides.rubyonrails.org/security.html#custom-credentials",
			names: []string{"config/master.key", "config/credentials/*.key", "config/secrets.yml.key"},
			read:  wholeFile("master key", hexWord(32, 64)),
		}, {
			ID: "rails-credentials", Title: "Rails encrypted credentials", Documentation: "https://guides.rubyonrails.org/security.html#custom-credentials",
			names: []string{"credentials.yml.enc", "config/credentials/*.yml.enc", "secrets.yml.enc"},
			read: func(f *file) error {
				if !railsEncrypted(strings.TrimSpace(f.text)) {
					return errFormat
				}
				f.present("encrypted credentials", "opened by config/master.key")
				return nil
			},
		}, {
			ID: "rails-devise", Title: "Devise and mail initializers", Documentation: "https://github.com/heartcombo/devise",
			names: []string{"config/initializers/*.rb", "config/environments/*.rb"},
			read: settings(rubyCode, about{user: "user_name", host: "address"},
				pick{at: "**/secret_key|secret_key_base|pepper|secret_token"}, pick{at: "**/password|api_key|secret_access_key", confidence: Likely}),
		}, {
			ID: "phoenix-config", Title: "Phoenix configuration", Documentation: "https://hexdocs.pm/phoenix/deployment.html",
			names: []string{"prod.secret.exs", "dev.secret.exs", "config/*.exs", "releases.exs"},
			read: settings(elixirCode, databaseUser, pick{at: "**/secret_key_base|signing_salt|encryption_salt"}, pick{at: "**/password"},
				pick{at: "**/url", open: urlPassword}, pick{named: isSecretName, confidence: Likely}),
		}, {
			ID: "play-conf", Title: "Play and Lightbend configuration", Documentation: "https://www.playframework.com/documentation/latest/ApplicationSecret",
			names: []string{"conf/application.conf", "application.conf"},
			read: settings(scalaCode, databaseUser, pick{at: "**/secret|password|secretKey|secret-key|api-key", confidence: Likely},
				pick{at: "**/*", open: urlPassword, confidence: Likely}),
		}, {
			ID: "appsettings", Title: "ASP.NET Core settings", Documentation: "https://learn.microsoft.com/en-us/aspnet/core/fundamentals/configuration/",
			names: []string{"appsettings.json", "appsettings.*.json", "usersecrets/*/secrets.json", "local.settings.json"},
			read: settings(jsonText, about{user: "username|user|userid", host: "host|server"},
				pick{at: "ConnectionStrings/*", open: connection}, pick{at: "**/*", open: connection, confidence: Likely},
				pick{named: isSecretName, confidence: Likely, open: secretText}),
		}, {
			ID: "web-config", Title: "ASP.NET configuration", Documentation: "https://learn.microsoft.com/en-us/dotnet/framework/configure-apps/file-schema/",
			names: []string{"web.config", "app.config", "web.*.config", "connectionstrings.config", "machine.config", "*.exe.config"},
			read: settings(xmlText, about{user: "userName|username", host: "host"},
				pick{at: "**/machineKey/@validationKey|@decryptionKey", open: unlessPrefix("AutoGenerate")},
				pick{at: "**/@connectionString", open: connection}, pick{at: "**/identity|network|user|processModel/@password", open: unlessPrefix("AutoGenerate")},
				pick{at: "**/add/=*", open: connection},
				pick{at: "**/add/=*", named: isSecretName, confidence: Likely}),
		},
	}
}

// unlessPrefix takes a value unless it begins so.
func unlessPrefix(prefix string) opener {
	return func(v string) []part {
		if strings.HasPrefix(v, prefix) {
			return nil
		}
		return []part{whole(v)}
	}
}

// secretText takes the password of a URL or a value that may be a secret: not a
// number, a path or an address.
func secretText(v string) []part {
	if p := connection(v); len(p) > 0 {
		return p
	}
	if _, isNumber := number(v); isNumber && len(v) < 6 {
		return nil
	}
	if strings.Contains(v, "://") || strings.HasPrefix(v, "/") && strings.Count(v, "/") > 1 && len(v) < 30 || strings.HasPrefix(v, "./") {
		return nil
	}
	return []part{whole(v)}
}

// dsnToken opens the keys of a Sentry DSN, which stand where a user's name does.
func dsnToken(v string) []part {
	if !strings.Contains(v, "sentry") && !strings.Contains(v, "ingest") {
		return nil
	}
	return urlToken(v)
}
