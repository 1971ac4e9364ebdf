"""What a stage made before is taken again where all that it was made from is the same.

A stage is a function of what it is given. Its key is the digest of everything that it is given
(`fingerprint`), settings included: those that it has no business with are taken away before it sees
them (`withheld`), so that a key can be incomplete in no way that does not stop the program. What is
kept are plain numbers and texts, read back into records of a type that the reader names
(`packed`); nothing that is read can name code.
"""
