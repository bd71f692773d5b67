"""moto's ECR completed with what a registry component calls and moto lacks: pull-through cache rules, repository creation
templates, account settings, and login tokens that differ from call to call and end after 12 hours.

State lives on moto's own backend objects (one per account and region), so that /moto-api/reset forgets it. Parameters are
checked against botocore's model of the service: a misspelt or misplaced one is refused, as by AWS.
"""

import base64
import datetime
import hashlib
import hmac
import json
import os
import secrets

import botocore.session
from botocore.validate import ParamValidator
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.ecr.responses import ECRResponse
from moto.secretsmanager.models import secretsmanager_backends

MODEL = botocore.session.get_session().get_service_model("ecr")
TOKEN_KEY = os.environ["ECR_TOKEN_KEY"].encode()
TOKEN_LIFETIME = datetime.timedelta(hours=12)

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html: which upstreams demand a login.
UPSTREAMS_WITH_LOGIN = ("registry-1.docker.io", "ghcr.io", "registry.gitlab.com", "cgr.dev")
UPSTREAMS_WITHOUT_LOGIN = ("public.ecr.aws", "quay.io", "registry.k8s.io")
UPSTREAM_SUFFIXES_WITH_LOGIN = (".azurecr.io",)
UPSTREAM_SUFFIXES_WITHOUT_LOGIN = (".amazonaws.com",)
# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutAccountSetting.html
ACCOUNT_SETTINGS = {
    "BASIC_SCAN_TYPE_VERSION": ("AWS_NATIVE", "CLAIR"),
    "REGISTRY_POLICY_SCOPE": ("V2", "V1"),
    "BLOB_MOUNTING": ("DISABLED", "ENABLED"),
}


class EcrError(ServiceException):
    def __init__(self, code, message):
        self.code = code
        super().__init__(message)


def operation(name):
    """Makes a function of (response, parameters) an operation of moto's ECR."""

    def register(function):
        shape = MODEL.operation_model(name).input_shape

        def handle(self):
            parameters = json.loads(self.body or "{}")
            report = ParamValidator().validate(parameters, shape)
            if report.has_errors():
                raise EcrError("ValidationException", report.generate_report())
            return ActionResult(function(self, parameters))

        snake_case = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
        setattr(ECRResponse, snake_case, handle)
        return function

    return register


def state(response, kind):
    """What an account keeps of one kind in one region, by its name."""
    return response.ecr_backend.__dict__.setdefault(f"_extension_{kind}", {})


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def find(items, key, code, what, account):
    if key not in items:
        raise EcrError(code, f"The {what} with prefix '{key}' was not found in the registry with id '{account}'")
    return items[key]


# --- pull-through cache rules


def rules(response):
    return state(response, "pull_through_cache_rules")


def find_rule(response, prefix):
    return find(
        rules(response), prefix, "PullThroughCacheRuleNotFoundException", "pull through cache rule", response.current_account
    )


def check_upstream(response, url, credential_arn):
    with_login = url in UPSTREAMS_WITH_LOGIN or url.endswith(UPSTREAM_SUFFIXES_WITH_LOGIN)
    if not with_login and url not in UPSTREAMS_WITHOUT_LOGIN and not url.endswith(UPSTREAM_SUFFIXES_WITHOUT_LOGIN):
        raise EcrError("UnsupportedUpstreamRegistryException", f"The upstream registry '{url}' is not supported")
    if with_login and not credential_arn:
        raise EcrError("InvalidParameterException", f"Upstream registry '{url}' requires a credential ARN")
    if credential_arn:
        check_secret(response, credential_arn)


def check_secret(response, arn):
    """The secret must be named for ECR, and be in the same account and region."""
    parts = arn.split(":")
    region, account, name = (parts + [""] * 7)[3], (parts + [""] * 7)[4], (parts + [""] * 7)[6]
    if not name.startswith("ecr-pullthroughcache/"):
        raise EcrError("ValidationException", "The secret's name must begin with 'ecr-pullthroughcache/'")
    if (account, region) != (response.current_account, response.region):
        raise EcrError("InvalidParameterException", "The secret must be in the account and region of the rule")
    if not secretsmanager_backends[account][region]._is_valid_identifier(arn):
        raise EcrError("SecretNotFoundException", f"The secret '{arn}' was not found")


@operation("CreatePullThroughCacheRule")
def create_rule(response, parameters):
    prefix = parameters["ecrRepositoryPrefix"]
    if prefix in rules(response):
        raise EcrError(
            "PullThroughCacheRuleAlreadyExistsException",
            f"A pull through cache rule with prefix '{prefix}' already exists in the registry",
        )
    check_upstream(response, parameters["upstreamRegistryUrl"], parameters.get("credentialArn"))
    rule = {"upstreamRepositoryPrefix": "ROOT", **parameters, "registryId": response.current_account}
    rule["createdAt"] = rule["updatedAt"] = now()
    rules(response)[prefix] = rule
    return rule


@operation("UpdatePullThroughCacheRule")
def update_rule(response, parameters):
    rule = find_rule(response, parameters["ecrRepositoryPrefix"])
    check_upstream(response, rule["upstreamRegistryUrl"], parameters.get("credentialArn"))
    rule.update(parameters, updatedAt=now())
    return rule


@operation("DeletePullThroughCacheRule")
def delete_rule(response, parameters):
    rule = find_rule(response, parameters["ecrRepositoryPrefix"])
    del rules(response)[parameters["ecrRepositoryPrefix"]]
    return rule


@operation("ValidatePullThroughCacheRule")
def validate_rule(response, parameters):
    return {**find_rule(response, parameters["ecrRepositoryPrefix"]), "isValid": True}


@operation("DescribePullThroughCacheRules")
def describe_rules(response, parameters):
    prefixes = parameters.get("ecrRepositoryPrefixes") or sorted(rules(response))
    return {"pullThroughCacheRules": [find_rule(response, prefix) for prefix in prefixes]}


# --- repository creation templates


def templates(response):
    return state(response, "repository_creation_templates")


def find_template(response, prefix):
    return find(
        templates(response), prefix, "TemplateNotFoundException", "repository creation template", response.current_account
    )


def template_answer(response, template):
    return {"registryId": response.current_account, "repositoryCreationTemplate": template}


@operation("CreateRepositoryCreationTemplate")
def create_template(response, parameters):
    prefix = parameters["prefix"]
    if prefix in templates(response):
        raise EcrError("TemplateAlreadyExistsException", f"A template with prefix '{prefix}' already exists")
    defaults = {"encryptionConfiguration": {"encryptionType": "AES256"}, "imageTagMutability": "MUTABLE"}
    template = {**defaults, **parameters}
    template["createdAt"] = template["updatedAt"] = now()
    templates(response)[prefix] = template
    return template_answer(response, template)


@operation("UpdateRepositoryCreationTemplate")
def update_template(response, parameters):
    template = find_template(response, parameters["prefix"])
    template.update(parameters, updatedAt=now())
    return template_answer(response, template)


@operation("DeleteRepositoryCreationTemplate")
def delete_template(response, parameters):
    template = find_template(response, parameters["prefix"])
    del templates(response)[parameters["prefix"]]
    return template_answer(response, template)


@operation("DescribeRepositoryCreationTemplates")
def describe_templates(response, parameters):
    prefixes = parameters.get("prefixes") or sorted(templates(response))
    found = [find_template(response, prefix) for prefix in prefixes]
    return {"registryId": response.current_account, "repositoryCreationTemplates": found}


# --- account settings


def check_setting(name):
    if name not in ACCOUNT_SETTINGS:
        raise EcrError("InvalidParameterException", f"The account setting '{name}' is not known")
    return ACCOUNT_SETTINGS[name]


@operation("GetAccountSetting")
def get_setting(response, parameters):
    name = parameters["name"]
    default = check_setting(name)[0]
    return {"name": name, "value": state(response, "account_settings").get(name, default)}


@operation("PutAccountSetting")
def put_setting(response, parameters):
    name, value = parameters["name"], parameters["value"]
    if value not in check_setting(name):
        raise EcrError("InvalidParameterException", f"'{value}' is not a value of the account setting '{name}'")
    state(response, "account_settings")[name] = value
    return {"name": name, "value": value}


# --- login


@operation("GetAuthorizationToken")
def get_token(response, parameters):
    """moto's token is always the same, and expired in 2015. The data plane knows these by their signature."""
    expires = now() + TOKEN_LIFETIME
    tokens = []
    for account in parameters.get("registryIds") or [response.current_account]:
        claims = f"{account}.{response.region}.{int(expires.timestamp())}.{secrets.token_hex(8)}"
        signature = hmac.new(TOKEN_KEY, claims.encode(), hashlib.sha256).hexdigest()
        tokens.append(
            {
                "authorizationToken": base64.b64encode(f"AWS:{claims}.{signature}".encode()).decode(),
                "expiresAt": expires,
                "proxyEndpoint": f"https://{account}.dkr.ecr.{response.region}.amazonaws.com",
            }
        )
    return {"authorizationData": tokens}
