package credfile

func networkFormats() []Format {
	return []Format{
		{
			ID: "wireguard", Title: "WireGuard configuration", Documentation: "https://man7.org/linux/man-pages/man8/wg.8.html",
			names: []string{"wireguard/*.conf", "wg0.conf", "wg*.conf"},
			read: settings(ini(iniStyle{comments: "#", inline: "#"}), about{host: "Endpoint"},
				pick{at: "Interface/PrivateKey", open: wireguardKey}, pick{at: "Peer/PresharedKey", open: wireguardKey}),
		}, {
			ID: "wireguard-key", Title: "WireGuard private key", Documentation: "https://www.wireguard.com/quickstart/",
			names: []string{"wireguard/privatekey", "wireguard/private.key", "wireguard/*_private.key", "wireguard/presharedkey*", "?privatekey"},
			head:  isWireguardHead, read: wholeFile("private key", func(v string) bool { return wireguardKey(v) != nil }),
		}, {
			ID: "systemd-netdev", Title: "systemd-networkd device", Documentation: "https://www.freedesktop.org/software/systemd/man/latest/systemd.netdev.html",
			names: []string{"*.netdev"},
			read:  settings(ini(iniStyle{}), about{host: "Endpoint"}, pick{at: "WireGuard/PrivateKey"}, pick{at: "WireGuardPeer/PresharedKey"}, pick{at: "*/Key"}),
		}, {
			ID: "openvpn", Title: "OpenVPN configuration", Documentation: "https://openvpn.net/community-resources/reference-manual-for-openvpn-2-6/",
			names: []string{"*.ovpn", "openvpn/*.conf", "openvpn/*/*.conf"}, read: openVPN,
		}, {
			ID: "openvpn-auth", Title: "OpenVPN user and password", Documentation: "https://openvpn.net/community-resources/reference-manual-for-openvpn-2-6/",
			names: []string{"openvpn/auth.txt", "openvpn/*/auth.txt", "auth-user-pass", "auth-user-pass.txt", "openvpn/pass.txt", "openvpn/login.conf", "openvpn/credentials", "openvpn/*.auth", "openvpn/up", "openvpn/userpass*"},
			read:  twoLines,
		}, {
			ID: "openvpn-static-key", Title: "OpenVPN static key", Documentation: "https://openvpn.net/community-resources/static-key-mini-howto/",
			names: []string{"openvpn/*.key", "ta.key", "tls-crypt.key", "tc.key", "openvpn/*/*.key", "static.key"}, read: openVPNKey,
		}, {
			ID: "ipsec-secrets", Title: "IPsec secrets", Documentation: "https://docs.strongswan.org/docs/latest/config/ipsecSecrets.html",
			names: []string{"ipsec.secrets", "ipsec.d/*.secrets", "ipsec.*.secrets"}, read: ipsecSecrets,
		}, {
			ID: "swanctl", Title: "strongSwan secrets", Documentation: "https://docs.strongswan.org/docs/latest/swanctl/swanctlConf.html",
			names: []string{"swanctl.conf", "swanctl/conf.d/*.conf"},
			read:  settings(blocks(blockStyle{}), about{user: "id|id-1|id*"}, pick{at: "secrets/*/secret", open: swanSecret}, pick{at: "secrets/*/pin"}),
		}, {
			ID: "ppp-secrets", Title: "PPP secrets", Documentation: "https://man7.org/linux/man-pages/man8/pppd.8.html",
			names: []string{"chap-secrets", "pap-secrets", "srp-secrets", "l2tp-secrets"}, read: pppSecrets,
		}, {
			ID: "openconnect", Title: "OpenConnect and vpnc configuration", Documentation: "https://manpages.debian.org/stable/vpnc/vpnc.8.en.html",
			names: []string{"vpnc/*.conf", "vpnc.conf"}, read: vpnc,
		}, {
			ID: "openfortivpn", Title: "openfortivpn configuration", Documentation: "https://github.com/adrienverge/openfortivpn",
			names: []string{"openfortivpn/config", "openfortivpn/*.conf"},
			read:  settings(ini(iniStyle{comments: "#"}), about{user: "username", host: "host"}, pick{at: "*/password|pem-passphrase|otp"}),
		}, {
			ID: "networkmanager", Title: "NetworkManager connection", Documentation: "https://networkmanager.dev/docs/api/latest/nm-settings-keyfile.html",
			names: []string{"*.nmconnection", "networkmanager/system-connections/*", "system-connections/*"},
			read: settings(ini(iniStyle{comments: "#"}), about{user: "identity|username|user", host: "ssid|gateway"},
				pick{at: "wifi-security|802-11-wireless-security/psk|wep-key*|leap-password|sae-password"}, pick{at: "802-1x/password|private-key-password|ca-cert-password|phase2-private-key-password|pin"},
				pick{at: "vpn-secrets/*"}, pick{at: "pppoe|gsm|cdma/password|pin"}, pick{at: "wireguard/private-key"}, pick{at: "wireguard-peer*/preshared-key"}),
		}, {
			ID: "wpa-supplicant", Title: "wpa_supplicant configuration", Documentation: "https://w1.fi/cgit/hostap/plain/wpa_supplicant/wpa_supplicant.conf",
			names: []string{"wpa_supplicant.conf", "wpa_supplicant*.conf", "hostapd.conf", "hostapd.wpa_psk"},
			read: settings(blocks(blockStyle{}), about{user: "identity", host: "ssid"},
				pick{at: "**/psk|password|sae_password|private_key_passwd|wep_key0|wep_key1|wep_key2|wep_key3|pin|wpa_passphrase|wpa_psk|eap_psk|auth_server_shared_secret|acct_server_shared_secret", open: unlessPrefix("ext:")}),
		}, {
			ID: "iwd", Title: "iwd network", Documentation: "https://man.archlinux.org/man/iwd.network.5",
			names: []string{"iwd/*.psk", "iwd/*.8021x"},
			read:  settings(ini(iniStyle{comments: "#"}), about{user: "EAP-Identity|EAP-PEAP-Phase2-Identity"}, pick{at: "Security/Passphrase|PreSharedKey|SAE-PT*|EAP*Password|*Passphrase"}),
		}, {
			ID: "netplan", Title: "netplan configuration", Documentation: "https://netplan.readthedocs.io/en/stable/netplan-yaml/",
			names: []string{"netplan/*.yaml", "netplan/*.yml"},
			read:  settings(yamlText, about{user: "identity"}, pick{at: "**/access-points/{host}/password"}, pick{at: "**/auth/password|client-key-password"}, pick{at: "**/keys/private|shared"}, pick{at: "**/key"}),
		}, {
			ID: "ifcfg-keys", Title: "Wireless keys of network scripts", Documentation: "https://docs.redhat.com/en/documentation/red_hat_enterprise_linux/7/html/networking_guide/",
			names: []string{"network-scripts/keys-*"}, read: settings(dotenv, about{}, pick{at: "WPA_PSK|KEY*|IEEE_8021X_PASSWORD|DEFAULTKEY"}),
		}, {
			ID: "freeradius-clients", Title: "FreeRADIUS clients", Documentation: "https://www.freeradius.org/documentation/freeradius-server/4.0.0/reference/raddb/clients.conf.html",
			names: []string{"clients.conf", "raddb/proxy.conf", "freeradius/*/proxy.conf"},
			read:  settings(blocks(blockStyle{}), about{host: "ipaddr|ipv4addr"}, pick{at: "**/secret", open: exceptValue("testing123")}),
		}, {
			ID: "freeradius-users", Title: "FreeRADIUS users", Documentation: "https://wiki.freeradius.org/config/Users",
			names: []string{"raddb/users", "freeradius/*/users", "mods-config/files/authorize"}, read: radiusUsers,
		},
	}
}
