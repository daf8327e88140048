package credfile

import "strings"

func infrastructureFormats() []Format {
	return []Format{
		{
			ID: "terraform-state", Title: "Terraform state", Documentation: "https://developer.hashicorp.com/terraform/language/manage-sensitive-data",
			names: []string{"terraform.tfstate", "*.tfstate", "*.tfstate.backup", "terraform.tfstate.backup"}, head: containing("terraform_version"),
			read: settings(jsonText, about{user: "username|master_username|administrator_login|user", host: "endpoint|address|host"},
				pick{at: "outputs/*/value", named: nil, confidence: Likely, open: longSecretOutput}, pick{at: "**/attributes|value/*", named: isSecretName, confidence: Certain, open: secretText},
				pick{at: "**/private_key_pem|private_key_openssh|private_key|secret|secret_access_key|client_secret|secret_string|kube_admin_config_raw|kube_config_raw|primary_access_key|secondary_access_key"},
				pick{at: "**/*connection_string", open: connection}, pick{at: "**/*", named: isSecretName, confidence: Likely, open: secretText}),
		}, {
			ID: "terraform-vars", Title: "Terraform variables", Documentation: "https://developer.hashicorp.com/terraform/language/values/variables",
			names: []string{"*.tfvars", "terragrunt.hcl", "*.auto.tfvars"},
			read:  settings(hclCode, about{}, pick{at: "**/*", named: isSecretName, confidence: Likely, open: secretText}, pick{at: "**/*", open: urlPassword, confidence: Likely}),
		}, {
			ID: "terraform-vars-json", Title: "Terraform variables in JSON", Documentation: "https://developer.hashicorp.com/terraform/language/values/variables",
			names: []string{"*.tfvars.json"}, read: settings(jsonText, about{}, pick{at: "**/*", named: isSecretName, confidence: Likely, open: secretText}),
		}, {
			ID: "terraformrc", Title: "Terraform client", Documentation: "https://developer.hashicorp.com/terraform/cli/config/config-file",
			names: []string{".terraformrc", "terraform.rc", ".tofurc"}, read: settings(hclBlocks, about{}, pick{at: "credentials*/token"}),
		}, {
			ID: "terraform-credentials", Title: "Terraform login", Documentation: "https://developer.hashicorp.com/terraform/cli/commands/login",
			names: []string{"credentials.tfrc.json"}, read: settings(jsonText, about{}, pick{at: "credentials/{host}/token"}),
		}, {
			ID: "pulumi-credentials", Title: "Pulumi login", Documentation: "https://www.pulumi.com/docs/iac/cli/",
			names: []string{".pulumi/credentials.json"}, read: settings(jsonText, about{}, pick{at: "accessTokens/{host}"}, pick{at: "accounts/{host}/accessToken"}),
		}, {
			ID: "ansible-vault", Title: "Ansible vault", Documentation: "https://docs.ansible.com/ansible/latest/vault_guide/vault_encrypting_content.html",
			names: []string{"?*.yml", "?*.yaml", "?vault", "?*.vault", "?*.json", "?*.pem", "?*.key", "?*.j2"}, head: beginning("$ANSIBLE_VAULT;"), read: ansibleVault,
		}, {
			ID: "ansible-vault-password", Title: "Ansible vault password", Documentation: "https://docs.ansible.com/ansible/latest/vault_guide/vault_managing_passwords.html",
			names: []string{".vault_pass", ".vault_pass.txt", "vault_pass", "vault_pass.txt", ".vault-pass", ".vault_password", "vault_password", "vault-password", ".ansible_vault_pass", "vault-password.txt", ".vaultpass", "vault_password_file", ".ansible-vault-password"},
			read:  firstLine("vault password", Certain),
		}, {
			ID: "ansible-vars", Title: "Ansible variables", Documentation: "https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html",
			names: []string{"group_vars/*.yml", "group_vars/*.yaml", "group_vars/*", "group_vars/*/*.yml", "host_vars/*.yml", "host_vars/*", "host_vars/*/*.yml"},
			read: settings(yamlText, about{user: "ansible_user|ansible_ssh_user", host: "ansible_host"}, pick{at: "**/ansible_password|ansible_ssh_pass|ansible_become_pass|ansible_become_password|ansible_sudo_pass"},
				pick{named: isSecretName, confidence: Likely, open: secretText}, pick{at: "**/*", open: urlPassword, confidence: Likely}),
		}, {
			ID: "ansible-inventory", Title: "Ansible inventory", Documentation: "https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html",
			names: []string{"ansible/hosts", "inventory/hosts", "inventory.ini", "hosts.ini", "inventory", "inventory/*.ini", "inventories/*/hosts"},
			read: settings(wordPairs(pairStyle{comments: "#;", equals: true}), about{user: "ansible_user|ansible_ssh_user", host: "ansible_host"},
				pick{at: "ansible_password|ansible_ssh_pass|ansible_become_pass|ansible_become_password|ansible_sudo_pass|ansible_winrm_password|ansible_enable_password"}),
		}, {
			ID: "puppet-eyaml", Title: "Puppet eyaml keys", Documentation: "https://github.com/voxpupuli/hiera-eyaml",
			names: []string{"private_key.pkcs7.pem", "eyaml/*private*.pem", "secure/keys/*.pem"}, read: pemPrivate("key of all eyaml values"),
		}, {
			ID: "chef-secret", Title: "Chef data bag secret", Documentation: "https://docs.chef.io/secrets/",
			names: []string{"encrypted_data_bag_secret", "chef/data_bag_secret", ".chef/*secret*"}, read: wholeFile("data bag secret", nil),
		}, {
			ID: "chef-client-key", Title: "Chef client and validation keys", Documentation: "https://docs.chef.io/workstation/knife_setup/",
			names: []string{"chef/client.pem", "chef/validation.pem", ".chef/*.pem", "chef-validator.pem", "*-validator.pem"}, read: pemPrivate("key of a Chef client"),
		}, {
			ID: "chef-knife", Title: "Chef knife configuration", Documentation: "https://docs.chef.io/workstation/config_rb/",
			names: []string{"knife.rb", ".chef/config.rb", ".chef/credentials"},
			read:  both(settings(rubyCode, about{}, pick{at: "**/*password|*secret_access_key|*api_key|*token"}), knife),
		}, {
			ID: "salt", Title: "Salt configuration and pillars", Documentation: "https://docs.saltproject.io/en/latest/ref/configuration/",
			names: []string{"salt/master", "salt/minion", "salt/master.d/*.conf", "salt/cloud.providers", "salt/cloud.providers.d/*.conf", "pillar/*.sls", "pillar/*/*.sls"},
			read: settings(yamlText, about{user: "user", host: "host"}, pick{at: "**/password|passwd|key|token|secret|personal_access_token|api_key", confidence: Likely, open: unlessPath},
				pick{named: isSecretName, confidence: Likely, open: secretText}),
		}, {
			ID: "sops-age-key", Title: "age identity", Documentation: "https://github.com/FiloSottile/age",
			names: []string{"sops/age/keys.txt", "age.key", "*.agekey", "age-key.txt", "agekey.txt", ".age/*.txt", "age/keys.txt", "key.txt", "keys.txt"}, head: nil, read: ageIdentity,
		}, {
			ID: "helm-values", Title: "Helm secret values", Documentation: "https://github.com/jkroepke/helm-secrets",
			names: []string{"secrets.yaml", "secrets.*.yaml", "values-secret*.yaml", "secret-values.yaml"},
			read:  settings(sopsAware, about{user: "username|user", host: "host"}, pick{named: isSecretName, confidence: Likely, open: secretText}, pick{at: "**/*", open: urlPassword, confidence: Likely}),
		},
	}
}

// hclBlocks are HCL files whose blocks have labels.
func hclBlocks(f *file, emit func(setting)) error {
	return blocks(blockStyle{line: []string{"#", "//"}, slashes: true})(f, emit)
}

// longSecretOutput takes the outputs of a state that look like made by a machine.
func longSecretOutput(v string) []part {
	return urlPassword(v)
}

// unlessPath takes values but the paths of files.
func unlessPath(v string) []part {
	if strings.HasPrefix(v, "/") || strings.HasPrefix(v, "salt://") || strings.HasPrefix(v, "-----BEGIN PUBLIC") {
		return nil
	}
	return []part{whole(v)}
}

// ansibleVault reads the head: $ANSIBLE_VAULT;version;cipher;label.
func ansibleVault(f *file) error {
	head, _, _ := strings.Cut(f.text, "\n")
	columns := strings.Split(strings.TrimSpace(head), ";")
	if columns[0] != "$ANSIBLE_VAULT" || len(columns) < 3 || len(head) > 200 {
		return errFormat
	}
	comment := "version " + columns[1] + ", " + columns[2] + "; not opened"
	if len(columns) > 3 {
		comment = "label " + columns[3] + ", " + comment
	}
	f.present("vault", strings.ToValidUTF8(comment, "?"))
	return nil
}

// pemPrivate reads a private key in PEM (RFC 7468).
func pemPrivate(name string) reader {
	return func(f *file) error {
		from := strings.Index(f.text, "-----BEGIN ")
		if from < 0 {
			return errFormat
		}
		head, _, _ := strings.Cut(f.text[from:], "\n")
		if !strings.Contains(head, "PRIVATE KEY-----") {
			return errFormat
		}
		a, b := trimmed(f.text, from, len(f.text))
		f.keep(span{a, b - a}, Credential{Value: f.text[a:b], Name: name, Encrypted: strings.Contains(f.text[a:b], "ENCRYPTED")})
		return nil
	}
}

// knife reads the credentials file of Chef: TOML with passwords of data bags.
func knife(f *file) error {
	if !strings.HasSuffix(strings.ToLower(f.path), "credentials") {
		return nil
	}
	return settings(tomlText, about{user: "client_name", host: "chef_server_url"}, pick{at: "**/client_key", open: pemOnly}, pick{at: "**/*", named: isSecretName})(f)
}

func pemOnly(v string) []part {
	if !strings.Contains(v, "PRIVATE KEY-----") {
		return nil
	}
	return []part{whole(v)}
}

// ageIdentity reads lines of AGE-SECRET-KEY-1….
func ageIdentity(f *file) error {
	const mark = "AGE-SECRET-KEY-"
	found := false
	f.lines(func(l line) {
		if from, to := trimmed(l.text, 0, len(l.text)); strings.HasPrefix(l.text[from:to], mark) {
			found = true
			f.add(l.part(from, to), Credential{Value: l.text[from:to], Name: "identity"})
		}
	})
	if !found {
		return errFormat
	}
	return nil
}

// sopsAware is YAML, but for files that sops encrypted: those hold no secret in clear.
func sopsAware(f *file, emit func(setting)) error {
	return yamlText(f, func(s setting) {
		if s.keys[0] != "sops" && !strings.HasPrefix(s.value, "ENC[") {
			emit(s)
		}
	})
}
