resource "aws_sqs_queue" "pass_tags" {
  name = "one"
  tags = { Project = "KnowledgeWeaver", Environment = "dev" }
}

resource "aws_s3_bucket" "pass_more_tags" {
  tags = { Project = "KnowledgeWeaver", Environment = "dev", Tier = "data" }
}
