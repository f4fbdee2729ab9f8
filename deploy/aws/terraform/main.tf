# The same frame as ../crossfade.yaml, where each action is justified. The content, hosted versions and deployments,
# belongs to the CLI: there is none here, so applying this again in the middle of a migration changes nothing.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  iam         = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}"
  appconfig   = "arn:${data.aws_partition.current.partition}:appconfig:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  application = "${local.appconfig}:application/${aws_appconfig_application.crossfade.id}"
  environment = "${local.application}/environment/${aws_appconfig_environment.crossfade.environment_id}"
  profile     = "${local.application}/configurationprofile/${aws_appconfig_configuration_profile.crossfade.configuration_profile_id}"
  strategy_id = var.existing_strategy_id == "" ? one(aws_appconfig_deployment_strategy.crossfade[*].id) : var.existing_strategy_id
}

resource "aws_appconfig_application" "crossfade" {
  name        = var.application_name
  description = "The flags of Crossfade."

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_appconfig_environment" "crossfade" {
  application_id = aws_appconfig_application.crossfade.id
  name           = var.environment_name
  description    = "For Crossfade alone. No alarms, since one in ALARM takes back every deployment, a rollback as well."

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_appconfig_configuration_profile" "crossfade" {
  application_id = aws_appconfig_application.crossfade.id
  name           = var.profile_name
  description    = "The two switches of Crossfade, and feature flags. The CLI writes it."
  location_uri   = "hosted"
  type           = "AWS.AppConfig.FeatureFlags"

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_appconfig_deployment_strategy" "crossfade" {
  count = var.existing_strategy_id == "" ? 1 : 0

  # The CLI finds it by this name and these numbers.
  name                           = "crossfade-at-once"
  description                    = "All at once, without baking."
  deployment_duration_in_minutes = 0
  growth_factor                  = 100
  growth_type                    = "LINEAR"
  final_bake_time_in_minutes     = 0
  replicate_to                   = "NONE"

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_iam_role" "on_call" {
  name_prefix          = "crossfade-on-call-"
  description          = "Crossfade on-call, may roll the flags back and nothing else."
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.on_call_principal_arn }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role" "operator" {
  name_prefix          = "crossfade-operator-"
  description          = "Crossfade operator, may move the flags and examine the environment."
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.operator_principal_arn }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role" "reader" {
  name_prefix = "crossfade-reader-"
  description = "The sidecar, may read the flags and nothing else."
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "${local.iam}:oidc-provider/${var.oidc_provider}" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${var.oidc_provider}:aud" = "sts.amazonaws.com"
          "${var.oidc_provider}:sub" = "system:serviceaccount:${var.reader_service_account}"
        }
      }
    }]
  })
}

resource "aws_iam_policy" "move" {
  name_prefix = "crossfade-move-"
  description = "Read, write and deploy the flags of Crossfade."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "FindIdsByName"
        Effect   = "Allow"
        Action   = ["appconfig:ListApplications", "appconfig:ListDeploymentStrategies"]
        Resource = "*"
      },
      {
        Sid    = "ReadFlags"
        Effect = "Allow"
        Action = [
          "appconfig:ListEnvironments",
          "appconfig:ListConfigurationProfiles",
          "appconfig:ListDeployments",
          "appconfig:GetDeployment",
          "appconfig:ListHostedConfigurationVersions",
          "appconfig:GetHostedConfigurationVersion",
        ]
        Resource = [
          local.application,
          local.environment,
          "${local.environment}/deployment/*",
          local.profile,
          "${local.profile}/hostedconfigurationversion/*",
        ]
      },
      {
        Sid      = "WriteVersions"
        Effect   = "Allow"
        Action   = ["appconfig:CreateHostedConfigurationVersion"]
        Resource = [local.application, local.profile]
      },
      {
        Sid      = "Deploy"
        Effect   = "Allow"
        Action   = ["appconfig:StartDeployment"]
        Resource = [local.application, local.environment, local.profile, "${local.appconfig}:deploymentstrategy/${local.strategy_id}"]
      },
      {
        Sid      = "StopWhatBlocks"
        Effect   = "Allow"
        Action   = ["appconfig:StopDeployment"]
        Resource = [local.application, local.environment, "${local.environment}/deployment/*"]
      },
    ]
  })
}

resource "aws_iam_policy" "examine" {
  name_prefix = "crossfade-examine-"
  description = "See whether an alarm could undo a rollback."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "SeeAlarms"
      Effect   = "Allow"
      Action   = ["appconfig:GetEnvironment"]
      Resource = [local.application, local.environment]
    }]
  })
}

resource "aws_iam_policy" "reader" {
  name_prefix = "crossfade-reader-"
  description = "Read the flags of Crossfade."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ReadCrossfadeFlags"
      Effect   = "Allow"
      Action   = ["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"]
      Resource = "${local.environment}/configuration/${aws_appconfig_configuration_profile.crossfade.configuration_profile_id}"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "on_call_move" {
  role       = aws_iam_role.on_call.name
  policy_arn = aws_iam_policy.move.arn
}

resource "aws_iam_role_policy_attachment" "operator_move" {
  role       = aws_iam_role.operator.name
  policy_arn = aws_iam_policy.move.arn
}

resource "aws_iam_role_policy_attachment" "operator_examine" {
  role       = aws_iam_role.operator.name
  policy_arn = aws_iam_policy.examine.arn
}

resource "aws_iam_role_policy_attachment" "reader" {
  role       = aws_iam_role.reader.name
  policy_arn = aws_iam_policy.reader.arn
}
