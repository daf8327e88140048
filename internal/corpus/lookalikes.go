package corpus

// lookAlikeKinds gives every kind of look-alike: what must not be reported with high confidence.
func lookAlikeKinds() []kind {
	var all []kind
	for _, table := range [][]kind{
		placeholders(), references(), encryptedValues(), lockFiles(), publicValues(), wrongTokens(), wordsOnly(), computedLookAlikes(),
	} {
		all = append(all, table...)
	}
	return all
}

// placeholders stand where a secret belongs.
func placeholders() []kind {
	return []kind{
		{name: "placeholder-changeme", variable: "DB_PASSWORD", template: "changeme"},
		{name: "placeholder-angle", variable: "API_TOKEN", template: "<your-api-token>"},
		{name: "placeholder-words", variable: "SECRET_KEY", template: "your-secret-key-goes-here"},
		{name: "placeholder-xxx", variable: "GITHUB_TOKEN", template: "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
		{name: "placeholder-stars", variable: "ADMIN_PASSWORD", template: "********************"},
		{name: "placeholder-redacted", variable: "CLIENT_SECRET", template: "REDACTED_BY_CI_0000000000"},
		{name: "placeholder-replace", variable: "STRIPE_SECRET_KEY", template: "sk_live_REPLACE_ME_WITH_YOUR_KEY"},
		{name: "placeholder-sequence", variable: "ACCESS_TOKEN", template: "0123456789abcdef0123456789abcdef"},
		{name: "placeholder-url", variable: "DATABASE_URL", template: "postgres://user:password@host:5432/database"},
		// The word EXAMPLE is how AWS marks the keys of its documentation.
		{name: "aws-example-id", variable: "AWS_ACCESS_KEY_ID", template: "AKIAI{B36:8}EXAMPLE"},
		{name: "aws-example-secret", variable: "AWS_SECRET_ACCESS_KEY", template: "{b62:11}/{b62:7}/{b62:10}EXAMPLEKEY"},
		{name: "slack-example-hook", variable: "SLACK_WEBHOOK_URL", template: "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"},
	}
}

// references say where a secret is to be found.
func references() []kind {
	return []kind{
		{name: "shell-reference", variable: "DB_PASS", template: "${DATABASE_PASSWORD_FROM_VAULT}"},
		{name: "default-reference", variable: "REDIS_PASSWORD", template: "${REDIS_PASSWORD:-}"},
		{name: "jinja-reference", path: "opt/ansible/templates/app.ini.j2", template: "[db]\npassword = <<{{ vault_database_password }}>>\n"},
		{name: "helm-reference", path: "opt/chart/templates/secret.yaml", template: "kind: Secret\ndata:\n  password: <<{{ .Values.auth.password | b64enc | quote }}>>\n"},
		{name: "python-environ", path: "opt/site/local.py", template: "import os\n\nSECRET_KEY = <<os.environ[\"DJANGO_SECRET_KEY\"]>>\n"},
		{name: "node-environ", path: "opt/app/config.js", template: "module.exports = {\n  apiKey: <<process.env.PAYMENT_API_KEY>>,\n};\n"},
		{name: "java-environ", path: "opt/src/main/java/Config.java", template: "String password = <<System.getenv(\"DATABASE_PASSWORD\")>>;\n"},
		{name: "actions-reference", path: "opt/src/.github/workflows/release.yml", template: "env:\n  NPM_TOKEN: <<${{ secrets.NPM_PUBLISH_TOKEN }}>>\n"},
		{name: "secret-file-path", variable: "POSTGRES_PASSWORD_FILE", template: "/run/secrets/postgres_password"},
		{name: "vault-path", variable: "SECRET_PATH", template: "vault:secret/data/shop/production#database_password"},
		{name: "onepassword-reference", variable: "DB_PASSWORD", template: "op://Production/shop-database/password"},
		{name: "arn-reference", variable: "SECRET_ARN", template: "arn:aws:secretsmanager:eu-central-1:{num:12}:secret:shop/database-{b62:6}"},
		{name: "azure-reference", variable: "CONNECTION_SECRET", template: "@Microsoft.KeyVault(SecretUri=https://shop.vault.azure.net/secrets/database-password/)"},
		{name: "k8s-secret-reference", path: "opt/deploy/web.yaml", template: "env:\n  - name: DB_PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: <<shop-database-credentials>>\n        key: password\n"},
		{name: "npmrc-reference", path: "opt/app/.npmrc", template: "//npm.corp.internal/:_authToken=<<${NPM_TOKEN}>>\n"},
		{name: "spring-reference", path: "opt/spring/bootstrap.properties", template: "spring.datasource.password=<<${DB_PASSWORD:#{null}}>>\n"},
	}
}

// encryptedValues can lie in the open.
func encryptedValues() []kind {
	return []kind{
		{name: "sops-value", path: "opt/deploy/secrets.enc.yaml", template: "db_password: <<ENC[AES256_GCM,data:{b64:24},iv:{b64:43}=,tag:{b64:22}==,type:str]>>\nsops:\n  version: 3.8.1\n"},
		{name: "sealed-secret", path: "opt/deploy/sealed.yaml", template: "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  encryptedData:\n    password: <<AgB{b64:509}>>\n"},
		{name: "maven-encrypted", path: "home/builder/.m2/settings.xml", template: "<server>\n  <id>releases</id>\n  <username>deployer</username>\n  <password><<{{b64:43}=}>></password>\n</server>\n"},
		{name: "jasypt-value", path: "opt/spring/application-enc.properties", template: "spring.datasource.password=<<ENC({b64:43}=)>>\n"},
		{name: "rails-credentials", path: "opt/rails/config/credentials.yml.enc", template: "<<{b64:200}--{b64:16}--{b64:22}==>>"},
		{name: "kms-ciphertext", variable: "KMS_ENCRYPTED_PASSWORD", template: "AQICAH{b64:190}=="},
		{name: "travis-encrypted", path: "opt/lib/.travis.yml", template: "env:\n  global:\n    - secure: \"<<{b64:683}=>>\"\n"},
	}
}

// lockFiles hold hashes.
func lockFiles() []kind {
	return []kind{
		{name: "npm-integrity", path: "opt/app/package-lock.json", template: "{\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"node_modules/token-types\": {\n      \"version\": \"4.2.1\",\n      \"resolved\": \"https://npm.corp.internal/token-types/-/token-types-4.2.1.tgz\",\n      \"integrity\": \"<<sha512-{b64:86}==>>\"\n    }\n  }\n}\n"},
		{name: "yarn-resolved", path: "opt/app/yarn.lock", template: "js-tokens@^4.0.0:\n  version \"4.0.0\"\n  resolved \"https://registry.yarnpkg.com/js-tokens/-/js-tokens-4.0.0.tgz#<<{hex:40}>>\"\n"},
		{name: "pnpm-integrity", path: "opt/app/pnpm-lock.yaml", template: "packages:\n  /keyv@4.5.4:\n    resolution: {integrity: <<sha512-{b64:86}==>>}\n"},
		{name: "go-sum", path: "opt/src/go.sum", template: "github.com/golang-jwt/jwt/v5 v5.2.1 h1:<<{b64:43}=>>\n"},
		{name: "cargo-checksum", path: "opt/src/Cargo.lock", template: "[[package]]\nname = \"secrecy\"\nversion = \"0.8.0\"\nchecksum = \"<<{hex:64}>>\"\n"},
		{name: "pip-hash", path: "opt/app/requirements.txt", template: "keyring==24.3.1 \\\n    --hash=sha256:<<{hex:64}>>\n"},
		{name: "poetry-hash", path: "opt/app/poetry.lock", template: "[[package]]\nname = \"python-secrets\"\nfiles = [\n    {file = \"p.whl\", hash = \"sha256:<<{hex:64}>>\"},\n]\n"},
		{name: "composer-shasum", path: "opt/app/composer.lock", template: "{\"packages\": [{\"name\": \"lcobucci/jwt\", \"dist\": {\"reference\": \"{hex:40}\", \"shasum\": \"<<{hex:40}>>\"}}]}\n"},
		{name: "gem-checksum", path: "opt/app/Gemfile.lock", template: "CHECKSUMS\n  api_key_auth (2.0.1) sha256=<<{hex:64}>>\n"},
		{name: "terraform-lock", path: "opt/infra/.terraform.lock.hcl", template: "provider \"registry.terraform.io/hashicorp/vault\" {\n  hashes = [\n    \"h1:<<{b64:43}=>>\",\n  ]\n}\n"},
		{name: "nix-hash", path: "opt/nix/flake.lock", template: "{\"nodes\": {\"nixpkgs\": {\"locked\": {\"narHash\": \"<<sha256-{b64:43}=>>\", \"rev\": \"{hex:40}\"}}}}\n"},
		{name: "apkbuild-sums", path: "opt/aports/main/keyutils/APKBUILD", template: "pkgname=keyutils\nsha512sums=\"\n<<{hex:128}>>  keyutils-1.6.3.tar.gz\n\"\n"},
		{name: "apk-installed", path: "lib/apk/db/installed", template: "C:Q1<<{b64:27}=>>\nP:libsecret\nV:0.21.1-r0\nA:x86_64\n"},
		{name: "apk-package-version", path: "opt/build/packages.txt", template: "libcrypto3=<<3.1.4-r1>>\nlibsecret=0.21.1-r0\n"},
		{name: "dpkg-md5sums", path: "var/lib/dpkg/info/passwd.md5sums", template: "<<{hex:32}>>  usr/share/doc/passwd/copyright\n"},
		{name: "python-record", path: "usr/lib/python3/dist-packages/secretstorage-3.3.3.dist-info/RECORD", template: "secretstorage/__init__.py,sha256=<<{url:43}>>,3245\n"},
		{name: "jar-manifest-digest", path: "opt/java/META-INF/MANIFEST.MF", template: "Manifest-Version: 1.0\n\nName: com/shop/auth/Token.class\nSHA-256-Digest: <<{b64:43}=>>\n"},
		{name: "sha256sums", path: "opt/dist/SHA256SUMS", template: "<<{hex:64}>>  password-generator.tar.gz\n"},
		{name: "image-digest", variable: "KEYCLOAK_IMAGE", template: "quay.io/keycloak/keycloak@sha256:{hex:64}"},
		{name: "git-commit", variable: "TOKENIZER_REVISION", template: "{hex:40}"},
		{name: "bazel-sha256", path: "opt/src/WORKSPACE", template: "http_archive(\n    name = \"rules_secret\",\n    sha256 = \"<<{hex:64}>>\",\n)\n"},
		{name: "subresource-integrity", path: "usr/share/nginx/html/index.html", template: "<script src=\"/key.js\" integrity=\"<<sha384-{b64:64}>>\" crossorigin=\"anonymous\"></script>\n"},
		{name: "asset-manifest", path: "usr/share/nginx/html/manifest.json", template: "{\"auth/token.js\": \"/assets/token.<<{hex:20}>>.js\"}\n"},
	}
}

// publicValues are meant to be seen.
func publicValues() []kind {
	return []kind{
		{name: "stripe-publishable-key", variable: "STRIPE_PUBLISHABLE_KEY", template: "pk_live_51{b62:97}"},
		{name: "sentry-dsn", variable: "SENTRY_DSN", template: "https://{hex:32}@o{num:6}.ingest.sentry.io/{num:7}"},
		{name: "recaptcha-site-key", variable: "RECAPTCHA_SITE_KEY", template: "6L{url:37}{b62:1}"},
		{name: "analytics-id", variable: "GA_MEASUREMENT_ID", template: "G-{B36:10}"},
		{name: "google-client-id", variable: "GOOGLE_CLIENT_ID", template: "{num:12}-{b36:32}.apps.googleusercontent.com"},
		{name: "azure-client-id", variable: "AZURE_CLIENT_ID", template: "{uuid:1}"},
		{name: "uuid", variable: "CORRELATION_KEY_ID", template: "{uuid:1}"},
		{name: "twilio-account-sid", variable: "TWILIO_ACCOUNT_SID", template: "AC{hex:32}"},
		{name: "mapbox-public-token", variable: "MAPBOX_PUBLIC_TOKEN", template: "pk.eyJ1IjoiZGVtbyIsImEiOiJjb{b62:30}.{url:21}{b62:1}"},
		{name: "wireguard-public-key", path: "etc/wireguard/publickey", template: "<<{b64:42}{wgend:1}=>>\n"},
		{name: "ethereum-address", variable: "TOKEN_CONTRACT", template: "0x{hex:40}"},
		{name: "ssh-fingerprint", variable: "HOST_KEY_FINGERPRINT", template: "SHA256:{b64:43}"},
		{name: "etag", path: "var/cache/http/index.json", template: "{\"url\": \"https://auth.internal/keys\", \"etag\": \"<<W/\\\"{hex:32}\\\">>\"}\n"},
		{name: "build-id", variable: "BUILD_KEY", template: "{hex:40}"},
	}
}

// wrongTokens have the form of a token but not its checksum or its length.
func wrongTokens() []kind {
	return []kind{
		{name: "github-wrong-checksum", variable: "GITHUB_TOKEN", special: func(r *random) sample {
			return sample{value: "ghp_" + withWrongChecksum62(r.from(base62, 30))}
		}},
		{name: "npm-wrong-checksum", variable: "NPM_TOKEN", special: func(r *random) sample {
			return sample{value: "npm_" + withWrongChecksum62(r.from(base62, 30))}
		}},
		{name: "grafana-wrong-checksum", variable: "GRAFANA_TOKEN", special: func(r *random) sample {
			token := []byte(grafanaToken(r.from(base62, 32)))
			last := &token[len(token)-1]
			if *last == '0' {
				*last = '1'
			} else {
				*last = '0'
			}
			return sample{value: string(token)}
		}},
		{name: "github-too-short", variable: "GITHUB_TOKEN", template: "ghp_{b62:12}"},
		{name: "gitlab-too-short", variable: "GITLAB_TOKEN", template: "glpat-{b62:6}"},
		{name: "slack-words", variable: "SLACK_TOKEN", template: "xoxb-your-token-here"},
		{name: "jwt-without-signature", path: "usr/share/doc/jwt/README", template: "A token looks like <<eyJhbGciOiJub25lIn0>>.eyJzdWIiOiJ1c2VyIn0. and has no signature.\n"},
	}
}

// wordsOnly speak of secrets.
func wordsOnly() []kind {
	return []kind{
		{name: "translated-label", path: "usr/share/locale/de.json", template: "{\"login.password\": \"<<Passwort-bitte-eingeben>>\", \"login.user\": \"Benutzer\"}\n"},
		{name: "form-field", path: "usr/share/nginx/html/login.html", template: "<input type=\"password\" name=\"password\" placeholder=\"<<Enter-your-password>>\">\n"},
		{name: "column-type", path: "opt/src/schema.sql", template: "CREATE TABLE account (\n  password <<character-varying-255>> NOT NULL\n);\n"},
		{name: "hash-algorithm", variable: "PASSWORD_HASH_ALGORITHM", template: "argon2id-v19-m65536-t3-p4"},
		{name: "header-name", variable: "API_KEY_HEADER", template: "X-Corp-Internal-Api-Key"},
		{name: "token-type", variable: "TOKEN_TYPE", template: "urn:ietf:params:oauth:token-type:access_token"},
		{name: "oauth-scope", variable: "TOKEN_SCOPE", template: "https://www.googleapis.com/auth/cloud-platform"},
		{name: "class-name", variable: "TOKEN_PROVIDER_CLASS", template: "com.corp.security.JsonWebTokenAuthenticationProviderFactoryBean"},
		{name: "locked-shadow", path: "var/backups/etc/shadow", template: "root:<<!*>>:19800:0:99999:7:::\nbin:!:19800:0:99999:7:::\n"},
		{name: "key-header-in-code", path: "opt/src/grep.go", template: "package grep\n\nconst marker = \"<<-----BEGIN RSA PRIVATE KEY----->>\"\n"},
		{name: "curl-documentation", path: "usr/share/doc/api/README.md", template: "    curl -H \"Authorization: Bearer <<$ACCESS_TOKEN>>\" https://api.example.com/v1\n"},
		{name: "password-policy", path: "opt/app/policy.json", template: "{\"password_pattern\": \"<<^(?=.*[A-Z])(?=.*[0-9]).{12,}$>>\"}\n"},
		{name: "source-map", path: "usr/share/nginx/html/app.js.map", template: "{\"version\":3,\"names\":[\"token\",\"secret\"],\"mappings\":\"<<AAAA,SAASA,KAAKC,GACZ,OAAOA,EAAEC,MAAMC,MAAM,SAASC,GAAG>>\"}\n"},
		{name: "prompt", path: "usr/local/bin/ask.sh", template: "#!/bin/sh\nread -r -s -p '<<Password-for-root-account:>>' password\n"},
		{name: "hex-colours", path: "opt/app/theme.json", template: "{\"keyColors\": \"<<#1f77b4#ff7f0e#2ca02c#d62728#9467bd>>\"}\n"},
		{name: "alphabet", path: "opt/src/alphabet.py", template: "TOKEN_ALPHABET = \"<<ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789>>\"\n"},
	}
}
