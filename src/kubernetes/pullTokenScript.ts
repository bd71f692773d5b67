/**
 * What the renewer of an ECR token runs: it needs a POSIX shell, `aws`, `curl` and `base64`.
 *
 * No secret is an argument of a process, where everyone on the node could read it: `printf` is part of the shell, and
 * curl reads its configuration and its data from files in memory that this user alone may read. A merge patch, so that
 * the role needs `patch` on this one Secret and may not read any. The answer, which is the Secret, goes into such a file
 * too; where it is a refusal instead, its message is shown.
 *
 * Environment: `ECR_HOST`, `ECR_REGION`, `SECRET`, `NAMESPACES` (separated by spaces), `OTHER_LOGINS` (entries of a
 * docker config's `auths`, each after a comma).
 */
export const PULL_TOKEN_SCRIPT = `set -eu
umask 077
account=/var/run/secrets/kubernetes.io/serviceaccount
token=$(aws ecr get-login-password --region "$ECR_REGION")
auth=$(printf 'AWS:%s' "$token" | base64 | tr -d '\\n')
config=$(printf '{"auths":{"%s":{"username":"AWS","password":"%s","auth":"%s"}%s}}' \\
  "$ECR_HOST" "$token" "$auth" "\${OTHER_LOGINS:-}" | base64 | tr -d '\\n')
printf '{"data":{".dockerconfigjson":"%s"}}' "$config" > "$HOME/patch"
printf 'header = "Authorization: Bearer %s"\\n' "$(cat "$account/token")" > "$HOME/curl"
case $KUBERNETES_SERVICE_HOST in
  *:*) api="[$KUBERNETES_SERVICE_HOST]" ;;
  *) api=$KUBERNETES_SERVICE_HOST ;;
esac
for namespace in $NAMESPACES; do
  echo "writing a new login of $ECR_HOST into secret $namespace/$SECRET"
  : > "$HOME/answer"
  if ! curl --config "$HOME/curl" --cacert "$account/ca.crt" --noproxy '*' --request PATCH \\
    --header 'Content-Type: application/merge-patch+json' --data-binary "@$HOME/patch" \\
    --fail-with-body --silent --show-error --retry 5 --retry-connrefused --max-time 60 --output "$HOME/answer" \\
    "https://$api:$KUBERNETES_SERVICE_PORT_HTTPS/api/v1/namespaces/$namespace/secrets/$SECRET"
  then
    said=$(tr -d '\\n' < "$HOME/answer" | sed -n 's/.*"message": *"\\(.*\\)", *"reason":.*/\\1/p')
    echo "the login was not written\${said:+: $said}" >&2
    exit 1
  fi
done
`;
