# What callers rely on: a tag never changes its meaning.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  name = "knowledgeweaver"
}

run "registry" {
  command = plan

  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push && !aws_ecr_repository.this.force_delete
    error_message = "Tags are immutable, images are scanned, a filled registry is not destroyed."
  }

  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.this.policy).rules[0].selection.countNumber == 200
    error_message = "The newest 200 images are kept."
  }

  assert {
    condition     = jsondecode(aws_ecr_repository_policy.lambda.policy).Statement[0].Principal == { Service = "lambda.amazonaws.com" } && jsondecode(aws_ecr_repository_policy.lambda.policy).Statement[0].Condition.StringLike["aws:sourceArn"] == "arn:aws:lambda:ap-southeast-2:123456789012:function:knowledgeweaver-*"
    error_message = "Lambda pulls images for functions of this name, and nobody else is let in."
  }
}
