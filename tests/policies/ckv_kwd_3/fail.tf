resource "aws_sqs_queue" "fail_empty" {
  name = "two"
  tags = { Project = "", Environment = "dev" }
}

# On HCL the provider's default_tags might still bring it, so only the plan can tell.
resource "aws_sqs_queue" "planfail_missing" {
  name = "three"
  tags = { Project = "KnowledgeWeaver" }
}
