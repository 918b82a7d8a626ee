"""The commands that give Floodmark's account what it lacks: Google Cloud's own, as its pages on IAM show them."""

from __future__ import annotations

from dataclasses import dataclass

JOB_USER, DATA_EDITOR = "roles/bigquery.jobUser", "roles/bigquery.dataEditor"
OBJECT_USER, BUCKET_READER = "roles/storage.objectUser", "roles/storage.legacyBucketReader"
"""Only the second holds ``storage.buckets.get``, which load jobs need (pages "IAM roles for Cloud Storage", and
"Load Parquet data from Cloud Storage", *Required permissions*)."""


@dataclass(frozen=True, kw_only=True)
class Grants:
    """For one account; without its name the commands say ACCOUNT."""

    account: str = ""

    @property
    def member(self) -> str:
        """As IAM names it."""
        kind = "user" if self.account and not self.account.endswith(".gserviceaccount.com") else "serviceAccount"
        return f"{kind}:{self.account or 'ACCOUNT'}"

    def on_project(self, project: str, role: str) -> str:
        """Page "Control access to resources with IAM"."""
        return f"gcloud projects add-iam-policy-binding {project} --member={self.member} --role={role}"

    def on_bucket(self, bucket: str, role: str) -> str:
        """Page "Set and manage IAM policies on buckets"."""
        return f"gcloud storage buckets add-iam-policy-binding gs://{bucket} --member={self.member} --role={role}"

    def on_dataset(self, project: str, dataset: str, role: str = DATA_EDITOR) -> str:
        """Page "Data control language (DCL) statements in GoogleSQL"."""
        grant = f'GRANT `{role}` ON SCHEMA `{project}.{dataset}` TO "{self.member}"'
        return f"bq query --project_id={project} --use_legacy_sql=false '{grant}'"
