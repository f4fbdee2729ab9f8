variable "application_name" {
  type        = string
  default     = "orders"
  description = "flags.application of the plan."
}

variable "environment_name" {
  type        = string
  default     = "crossfade-production"
  description = "flags.environment of the plan. For Crossfade alone, as a deployment of another profile there would block a rollback."
}

variable "profile_name" {
  type        = string
  default     = "crossfade"
  description = "flags.profile of the plan."
}

variable "existing_strategy_id" {
  type        = string
  default     = ""
  description = "The id of the strategy crossfade-at-once, where the account and region have one. The CLI takes the first of that name."
}

variable "operator_principal_arn" {
  type        = string
  description = "Who may assume the operator's role."
}

variable "on_call_principal_arn" {
  type        = string
  description = "Who may assume the role of on-call."
}

variable "oidc_provider" {
  type        = string
  description = "The OIDC provider of the cluster, without https://. It must be known to IAM."
}

variable "reader_service_account" {
  type        = string
  default     = "default:orders-api"
  description = "Namespace and name of the service account that the sidecar runs as."
}
