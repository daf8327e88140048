package credfile

func clusterFormats() []Format {
	return []Format{
		{
			ID: "kubeconfig", Title: "Kubernetes client configuration", Documentation: "https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/",
			names: []string{".kube/config", "kubeconfig", "*.kubeconfig", "kubeconfig.yaml", "kubeconfig.yml", "kubernetes/*.conf", "k3s.yaml", "rke2.yaml", "?kube_config*.yml", "?config"},
			head:  containing("kind: Config", "current-context:"),
			read: settings(yamlText, about{user: "username|name", host: "server"},
				pick{at: "users/[]/user/token|password"}, pick{at: "users/[]/user/client-key-data", open: base64Text},
				pick{at: "users/[]/user/auth-provider/config/access-token|refresh-token|id-token|client-secret"},
				pick{at: "users/[]/user/exec/env/[]/value", confidence: Unsure}),
		}, {
			ID: "kubernetes-secret", Title: "Kubernetes Secret manifest", Documentation: "https://kubernetes.io/docs/concepts/configuration/secret/",
			names: []string{"?*.yaml", "?*.yml", "?*.json"}, head: isSecretManifest, read: kubernetesSecret,
		}, {
			ID: "kubernetes-tokens", Title: "Kubernetes static tokens and passwords", Documentation: "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file",
			names: []string{"known_tokens.csv", "tokens.csv", "token_auth.csv", "basic_auth.csv", "k3s/server/cred/passwd"}, read: csvTokens,
		}, {
			ID: "kubernetes-encryption", Title: "Kubernetes encryption keys", Documentation: "https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/",
			names: []string{"encryption-config.yaml", "encryption-provider-config.yaml", "encryptionconfiguration.yaml", "kubernetes/*encryption*.yaml", "k3s/server/cred/encryption-config.json"},
			read:  settings(yamlText, about{user: "name"}, pick{at: "**/keys/[]/secret"}),
		}, {
			ID: "kubeadm", Title: "kubeadm configuration", Documentation: "https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/",
			names: []string{"kubeadm.yaml", "kubeadm.yml", "kubeadm-config.yaml", "kubeadm.conf"},
			read:  settings(yamlText, about{}, pick{at: "**/bootstrapTokens/[]/token|token|tlsBootstrapToken|certificateKey", open: exceptValue("abcdef.0123456789abcdef")}),
		}, {
			ID: "k3s-token", Title: "k3s and RKE2 token", Documentation: "https://docs.k3s.io/cli/token",
			names: []string{"k3s/server/token", "k3s/server/node-token", "k3s/server/agent-token", "rke2/server/node-token", "rke2/server/token"}, read: wholeFile("cluster token", oneWord(8, 512)),
		}, {
			ID: "k3s-config", Title: "k3s and RKE2 configuration", Documentation: "https://docs.k3s.io/installation/configuration",
			names: []string{"k3s/config.yaml", "rke2/config.yaml", "k3s.service.env"},
			read: both(settings(yamlText, about{host: "server"}, pick{at: "token|agent-token|datastore-endpoint|etcd-s3-secret-key", open: either(urlPassword, plainValue)}),
				settings(dotenv, about{host: "K3S_URL"}, pick{at: "K3S_TOKEN|K3S_AGENT_TOKEN"})),
		}, {
			ID: "talosconfig", Title: "Talos configuration", Documentation: "https://www.talos.dev/latest/reference/configuration/",
			names: []string{"talosconfig", ".talos/config", "controlplane.yaml", "worker.yaml", "talos*/secrets.yaml"},
			read: settings(yamlText, about{host: "endpoint"}, pick{at: "contexts/*/key", open: base64Text}, pick{at: "machine|cluster/token|secret|aescbcEncryptionSecret|secretboxEncryptionSecret"},
				pick{at: "**/ca|aggregatorCA|serviceAccount/key", open: base64Text}, pick{at: "secrets/*"}),
		}, {
			ID: "helm-repositories", Title: "Helm repositories", Documentation: "https://helm.sh/docs/helm/helm_repo_add/",
			names: []string{"helm/repositories.yaml", ".helm/repository/repositories.yaml", "helm/repository/repositories.yaml", "helm/registry/config.json", "helm/registry.json"},
			read: jsonOr(settings(jsonText, about{}, pick{at: "auths/{host}/auth", open: basicAuth}),
				settings(yamlText, about{user: "username", host: "url"}, pick{at: "repositories/[]/password"}, pick{at: "repositories/[]/url", open: urlPassword})),
		}, {
			ID: "argocd", Title: "Argo CD client", Documentation: "https://argo-cd.readthedocs.io/en/stable/user-guide/commands/argocd_login/",
			names: []string{"argocd/config", ".argocd/config"}, read: settings(yamlText, about{user: "name"}, pick{at: "users/[]/auth-token|refresh-token"}),
		}, {
			ID: "rancher", Title: "Rancher client", Documentation: "https://ranchermanager.docs.rancher.com/reference-guides/cli-with-rancher/rancher-cli",
			names: []string{".rancher/cli2.json", "rancher-cluster.rkestate"},
			read:  settings(jsonText, about{user: "accessKey", host: "url"}, pick{at: "**/secretKey|tokenKey"}, pick{at: "**/serviceAccountToken|key"}),
		}, {
			ID: "vault-token", Title: "Vault token", Documentation: "https://developer.hashicorp.com/vault/docs/commands/token-helper",
			names: []string{".vault-token", "vault-token", ".openbao-token"}, read: wholeFile("token", oneWord(8, 1024)),
		}, {
			ID: "vault-init", Title: "Vault keys and root token", Documentation: "https://developer.hashicorp.com/vault/docs/commands/operator/init",
			names: []string{"vault-keys.json", "vault_keys.json", "vault-init.json", "cluster-keys.json", "init-keys.json", "unseal-keys.json", "vault.json"},
			read:  settings(jsonText, about{}, pick{at: "root_token"}, pick{at: "unseal_keys_b64|unseal_keys_hex|recovery_keys_b64|keys|keys_base64/[]"}),
		}, {
			ID: "hashicorp-config", Title: "Consul, Nomad and Vault configuration", Documentation: "https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file",
			names: []string{"consul.d/*.hcl", "consul.d/*.json", "nomad.d/*.hcl", "vault.d/*.hcl", "consul.hcl", "nomad.hcl", "vault.hcl", "consul/config/*.json", "consul/config/*.hcl", "consul.json"},
			read: settings(hclCode, about{user: "username", host: "address"},
				pick{at: "**/encrypt|encrypt_key"}, pick{at: "**/master|initial_management|agent|agent_master|agent_recovery|replication|default|token|password|secret_id|http_auth"},
				pick{at: "**/seal|storage/secret_key|access_key|connection_url", open: either(urlPassword, plainValue)}),
		}, {
			ID: "etcd", Title: "etcd configuration", Documentation: "https://etcd.io/docs/latest/op-guide/configuration/",
			names: []string{"etcd.env", "etcd/etcd.conf", "etcd.conf"}, read: settings(dotenv, environmentOwner, environment...),
		},
	}
}
