#!/usr/bin/env bash
# From nothing to a refused leak, on a cluster that kubectl reaches and that has Weir's image. VALUES may name a file of
# Helm values: another image, a private CA.
set -euo pipefail
cd "$(dirname "$0")/../.."

helm install weir charts/weir --namespace weir-system --create-namespace --wait ${VALUES:+--values "$VALUES"}

# The API server reaches the webhooks a moment after the pods are ready.
until kubectl apply --dry-run=server --filename docs/quickstart/policy.yaml; do sleep 1; done

kubectl create namespace ci
kubectl label namespace ci weir.dev/inject=enabled pod-security.kubernetes.io/enforce=privileged
kubectl apply --namespace ci --filename docs/quickstart/policy.yaml

# A real npm install, allowed.
kubectl apply --namespace ci --filename docs/quickstart/install.yaml
kubectl wait --namespace ci --for=condition=Complete --timeout=5m job/install
kubectl logs --namespace ci job/install

# A hook that steals a key (made up here), refused twice.
kubectl create secret generic deploy --namespace ci \
  --from-literal=AWS_ACCESS_KEY_ID="AKIA$(head -c 10 /dev/urandom | base32)" \
  --from-literal=AWS_SECRET_ACCESS_KEY="$(head -c 30 /dev/urandom | base64)"
kubectl apply --namespace ci --filename docs/quickstart/leak.yaml
kubectl wait --namespace ci --for=condition=Complete --timeout=5m job/leak
kubectl logs --namespace ci job/leak
kubectl events --namespace ci --types=Warning
kubectl describe --namespace ci egresspolicy web-build
