output "operator_role_arn" {
  description = "The role for advance, brownout, close and doctor."
  value       = aws_iam_role.operator.arn
}

output "on_call_role_arn" {
  description = "The role for rollback."
  value       = aws_iam_role.on_call.arn
}

output "reader_role_arn" {
  description = "For eks.amazonaws.com/role-arn of the service account."
  value       = aws_iam_role.reader.arn
}

output "application_id" {
  description = "For the plain AWS CLI."
  value       = aws_appconfig_application.crossfade.id
}

output "environment_id" {
  description = "For the plain AWS CLI."
  value       = aws_appconfig_environment.crossfade.environment_id
}

output "profile_id" {
  description = "For the plain AWS CLI."
  value       = aws_appconfig_configuration_profile.crossfade.configuration_profile_id
}
