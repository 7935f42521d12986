"""What AWS's own libraries tell: the chain of credentials, the rules for endpoints, the profile.

To import them takes as long as to import all else that serves, and not everybody needs them
(`proxy.variables`): who asks imports these modules then, not before.
"""
