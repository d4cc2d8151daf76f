"""Id tokens and the decision whether one may charge. Imports stations and lower."""
