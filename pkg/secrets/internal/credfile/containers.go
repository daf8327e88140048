package credfile

import "strings"

func containerFormats() []Format {
	registry := []pick{
		{at: "auths/{host}/auth", open: basicAuth}, {at: "auths/{host}/password|identitytoken|registrytoken"},
		{at: "**/httpHeaders/Authorization|X-Registry-Auth", open: bearer}, {at: "proxies/*/httpProxy|httpsProxy|ftpProxy", open: urlPassword},
	}
	return []Format{
		{
			ID: "docker-config", Title: "Docker client and registry credentials", Documentation: "https://docs.docker.com/reference/cli/docker/login/",
			names: []string{".docker/config.json", "containers/auth.json", "containers/*/auth.json", "kaniko/.docker/config.json", ".dockerconfigjson", "?config.json", "?auth.json", "?docker-config.json", "kubelet/config.json"},
			head:  containing(`"auths"`), read: settings(jsonText, about{user: "username"}, registry...),
		}, {
			ID: "dockercfg", Title: "Old Docker client", Documentation: "https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets",
			names: []string{".dockercfg", "dockercfg"},
			read:  settings(jsonText, about{user: "username"}, append([]pick{{at: "{host}/auth", open: basicAuth}, {at: "{host}/password"}}, registry...)...),
		}, {
			ID: "containerd-registry", Title: "containerd and CRI-O registries", Documentation: "https://github.com/containerd/containerd/blob/main/docs/cri/registry.md",
			names: []string{"containerd/config.toml", "containerd/config-v3.toml", "certs.d/*/hosts.toml", "crio/crio.conf", "k3s/registries.yaml", "rke2/registries.yaml", "registries.yaml"},
			read: both(settings(tomlText, about{user: "username"}, pick{at: "**/auth/password|identitytoken"}, pick{at: "**/auth/auth", open: basicAuth}, pick{at: "**/header/Authorization|[]", open: bearer}),
				settings(yamlText, about{user: "username"}, pick{at: "configs/{host}/auth/password|token|identity_token"}, pick{at: "configs/{host}/auth/auth", open: basicAuth})),
		}, {
			ID: "docker-registry", Title: "Docker registry and Harbor", Documentation: "https://distribution.github.io/distribution/about/configuration/",
			names: []string{"docker/registry/config.yml", "registry/config.yml", "harbor.yml", "distribution/config.yml"},
			read:  settings(yamlText, about{user: "username|accesskey"}, pick{at: "**/secret|secretkey|password|accountkey|harbor_admin_password"}),
		}, {
			ID: "docker-swarm", Title: "Docker swarm state", Documentation: "https://docs.docker.com/engine/swarm/swarm_manager_locking/",
			names: []string{"swarm/docker-state.json", "swarm/worker/tasks.db", "swarm/certificates/swarm-node.key"},
			read: jsonOr(settings(jsonText, about{}, pick{at: "**/JoinToken|UnlockKey"}),
				storePresent("private key of a swarm node", "", "-----BEGIN")),
		}, {
			ID: "docker-secret-mount", Title: "Mounted secret", Documentation: "https://docs.docker.com/engine/swarm/secrets/",
			names: []string{"run/secrets/*"}, read: mountedSecret,
		}, {
			ID: "service-account-token", Title: "Kubernetes service account token", Documentation: "https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/",
			names: []string{"kubernetes.io/serviceaccount/token", "serviceaccount/token"}, read: wholeFile("token", oneWord(20, 16<<10)),
		}, {
			ID: "portainer", Title: "Portainer files", Documentation: "https://docs.portainer.io/advanced/cli",
			names: []string{"portainer_password", "portainer-password", "portainer/password", "admin_password"}, read: firstLine("administrator's password", Likely),
		}, {
			ID: "podman-secrets", Title: "Podman secrets", Documentation: "https://docs.podman.io/en/latest/markdown/podman-secret.1.html",
			names: []string{"secrets/filedriver/secretsdata.json"}, read: settings(jsonText, about{}, pick{at: "*", open: base64Text}),
		}, {
			ID: "compose-file", Title: "Compose file", Documentation: "https://docs.docker.com/reference/compose-file/services/#environment",
			names: []string{"docker-compose*.yml", "docker-compose*.yaml", "compose.yml", "compose.yaml", "compose.*.yml", "stack.yml"},
			read: settings(yamlText, about{user: "POSTGRES_USER|MYSQL_USER"}, pick{at: "**/environment/*", named: isSecretName, confidence: Likely, open: secretText},
				pick{at: "**/environment/[]", open: assignedSecret, confidence: Likely}, pick{at: "**/environment/*", open: urlPassword, confidence: Likely},
				pick{at: "**/build/args/*", named: isSecretName, confidence: Likely, open: secretText}),
		},
	}
}

// mountedSecret takes a file from where secrets are mounted; in an image there should be none.
func mountedSecret(f *file) error {
	from, to := trimmed(f.text, 0, len(f.text))
	if from == to {
		return errFormat
	}
	_, name := cutLast(f.path)
	c := Credential{Name: name, Comment: "a mounted secret that became part of the image"}
	if to-from <= 4096 && isText([]byte(f.text[from:to])) && !strings.Contains(f.text[from:to], "\n\n") {
		c.Value = f.text[from:to]
		f.add(span{from, to - from}, c)
		return nil
	}
	f.present(name, c.Comment)
	return nil
}
