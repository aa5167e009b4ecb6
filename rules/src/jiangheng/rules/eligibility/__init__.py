"""May this candidate apply for this level: conditions as data, evidence, and a decision that explains itself.

`conditions` is the language of conditions.toml, `evidence` what a candidate has,
`standard` which occupations, majors and titles count, `decide` the decision,
`compare` whether own conditions are below a standard.
"""
