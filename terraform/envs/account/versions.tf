terraform {
  required_version = "~> 1.11.4"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }

  # bucket, region, key and workspace_key_prefix come from the pipeline, by -backend-config.
  backend "s3" {
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Project     = "KnowledgeWeaver"
      Environment = "shared"
      Stack       = "account"
      ManagedBy   = "terraform"
    }
  }
}
