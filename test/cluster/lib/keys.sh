# shellcheck shell=bash disable=SC2154 # variables are those of ../cluster
# Keys of a cluster, sourced by ../cluster: its authority, certificates, kubeconfigs. All in $state.

readonly VALID_DAYS=30

certificate_authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$state/ca.key" -out "$state/ca.crt" \
    -subj /CN=weir-test-cluster -days $VALID_DAYS 2>/dev/null
}
certificate() { # FILE SUBJECT [NAMES]
  local names=${3:+subjectAltName=$3}
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$state/$1.key" -subj "$2" 2>/dev/null |
    openssl x509 -req -CA "$state/ca.crt" -CAkey "$state/ca.key" -days $VALID_DAYS -out "$state/$1.crt" -extfile <(
      printf 'keyUsage=digitalSignature\nextendedKeyUsage=clientAuth,serverAuth\n%s\n' "$names"
    ) 2>/dev/null
}
accounts_key() { # for the tokens of ServiceAccounts
  openssl ecparam -genkey -name prime256v1 -noout -out "$state/accounts.key"
  openssl pkey -in "$state/accounts.key" -pubout -out "$state/accounts.pub" 2>/dev/null
}
kubeconfig() { # USER SERVER: USER.kubeconfig, of the certificate of that name; all of it in one file
  cat >"$state/$1.kubeconfig" <<-YAML
	apiVersion: v1
	kind: Config
	clusters: [{name: weir, cluster: {server: "$2", certificate-authority-data: $(base64 -w0 "$state/ca.crt")}}]
	users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$state/$1.crt"), client-key-data: $(base64 -w0 "$state/$1.key")}}]
	contexts: [{name: weir, context: {cluster: weir, user: $1}}]
	current-context: weir
	YAML
}
