output "role_arns" {
  description = "ARNs of the pipeline's roles: plan, report, read, image and apply-<workspace>."
  value       = { for name, role in aws_iam_role.this : name => role.arn }
}

output "provider_arn" {
  description = "ARN of GitHub's OIDC provider."
  value       = local.provider

  depends_on = [aws_iam_openid_connect_provider.github]
}

output "workload_boundary_arn" {
  description = "ARN of the ceiling that every role of the estate carries."
  value       = aws_iam_policy.workload_boundary.arn
}
