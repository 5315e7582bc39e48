"""The pages that people see: what was asked (`asked`), who may ask how often (`bucket`), what is shown (`frame`)."""
