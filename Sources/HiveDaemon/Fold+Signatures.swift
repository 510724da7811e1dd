import Crypto
import HiveKernel
import HiveSignal

// What the kernel is told of a line that claims to be signed. It knows neither keys nor digests.

extension Fold {
    /// Puts into the context what the line just scanned is to a person's overrides, and to the
    /// witness.
    ///
    /// - `offset`: where the line stands; nil where it stands nowhere yet.
    mutating func lookForSignatures(_ bytes: UnsafeRawBufferPointer, at offset: Int64?) {
        forgetSignatures()
        if let pass = state.forced.pass {
            context.isReleased = Array(SHA256.hash(bufferPointer: bytes)) == pass
        }
        guard scanned.failure == nil, scanned.fields.phase.state == .good else { return }
        if scanned.fields.phase.value == .handoff {
            context.override = overrides.finding(bytes, at: offset)
        } else if scanned.carriesEvidence {
            context.receipt = receipts.finding(bytes, at: offset)
        }
    }

    /// Takes out of the context what the line before was found to be.
    mutating func forgetSignatures() {
        if context.override != nil { context.override = nil }
        if context.receipt != nil { context.receipt = nil }
        if context.isReleased { context.isReleased = false }
    }

    /// Verifies with the keys that another fold verifies with.
    mutating func takeKeys(of other: Fold) {
        overrides.key = other.overrides.key
        receipts.witnesses = other.receipts.witnesses
    }
}

extension ScannedLine {
    /// True for a metric that names a receipt, and is no envelope: it may be one's proof.
    var carriesEvidence: Bool {
        fields.type.state == .good && fields.type.value == .metric && !isEnvelope
            && fields.evidence.state == .good
    }
}
