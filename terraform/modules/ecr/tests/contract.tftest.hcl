# What callers rely on: a tag never changes its meaning.
mock_provider "aws" {}

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
}
