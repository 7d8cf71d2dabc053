output "role_arns" {
  description = "ARNs of the pipeline's roles: plan, report, read, image and apply-<workspace>."
  value       = module.github_oidc.role_arns
}

output "ecr_url" {
  description = "Address that images are pushed to, without a tag."
  value       = module.ecr.url
}

output "buckets" {
  description = "Names of the record store's and the ledger's buckets."
  value       = module.stores.buckets
}

output "records_key_arn" {
  description = "ARN of the key of the records' fingerprints."
  value       = module.stores.key_arn
}

output "workload_boundary_arn" {
  description = "ARN of the ceiling that every role of the estate carries."
  value       = module.github_oidc.workload_boundary_arn
}

output "audit_bucket" {
  description = "Bucket that holds CloudTrail's log files."
  value       = module.audit.bucket
}
