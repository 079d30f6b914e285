"""Methods that users bring: any model of four libraries, Python code, or a file of vectors.

A specification names what to load (`specification`). A build turns it into a record of facts,
`Candidate`, which the manifest of the index keeps. Whoever opens the index makes the method from
the record (`method`), so that a catalogue needs nothing but its own files to be searched.
"""
