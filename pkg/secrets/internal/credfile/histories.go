package credfile

func historyFormats() []Format {
	return []Format{
		{
			ID: "shell-history", Title: "Shell history", Documentation: "https://www.gnu.org/software/bash/manual/html_node/Bash-History-Facilities.html",
			names: []string{".bash_history", ".zsh_history", ".zhistory", ".sh_history", ".ash_history", ".ksh_history", ".history", ".histfile", "fish_history", "fish/fish_history", "consolehost_history.txt", ".tcsh_history"},
			read:  shellHistory,
		}, {
			ID: "mysql-history", Title: "MySQL history", Documentation: "https://dev.mysql.com/doc/refman/8.4/en/mysql-logging.html",
			names: []string{".mysql_history", ".mariadb_history"}, read: sqlHistory,
		}, {
			ID: "psql-history", Title: "psql history", Documentation: "https://www.postgresql.org/docs/current/app-psql.html",
			names: []string{".psql_history"}, read: sqlHistory,
		}, {
			ID: "redis-history", Title: "redis-cli history", Documentation: "https://redis.io/docs/latest/develop/tools/cli/",
			names: []string{".rediscli_history"}, read: redisHistory,
		}, {
			ID: "mongo-history", Title: "MongoDB shell history", Documentation: "https://www.mongodb.com/docs/mongodb-shell/",
			names: []string{".dbshell", "mongodb/mongosh/mongosh_repl_history", "mongosh_repl_history"},
			read:  both(settings(groovyCode, about{user: "user"}, pick{at: "**/pwd|password"}), urlsInText),
		}, {
			ID: "python-history", Title: "Python and other interpreters' history", Documentation: "https://docs.python.org/3/using/cmdline.html#envvar-PYTHON_HISTORY",
			names: []string{".python_history", ".irb_history", ".pry_history", ".node_repl_history", ".php_history", ".scala_history"},
			read:  both(settings(pythonCode, about{}, pick{named: isSecretName, confidence: Likely, open: secretText}), urlsInText),
		}, {
			ID: "viminfo", Title: "vim and less history", Documentation: "https://vimhelp.org/starting.txt.html#viminfo",
			names: []string{".viminfo", ".lesshst"}, read: urlsInText,
		},
	}
}
