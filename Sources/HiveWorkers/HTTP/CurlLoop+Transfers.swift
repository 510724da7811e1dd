import CCurl

// A request is let in with a slot and a deadline, waits at the gate where others connect first,
// starts on a handle, and ends exactly once.

extension CurlLoop {
    /// Takes in what tasks have handed over; false where the engine ends.
    func takeMail() -> Bool {
        let mail = mailbox.take()
        for transfer in mail.submitted { letIn(transfer) }
        // After the submissions: most of these are among the requests under way.
        for transfer in mail.cancelled {
            transfer.isCancelled = true
            if transfer.stage != .submitted { end(transfer, .failure(.cancelled)) }
        }
        guard mail.isClosed else { return true }
        for transfer in transfers { transfer.map { end($0, .failure(.shutDown)) } }
        return false
    }

    /// Ends what libcurl is done with, and what has run out of time.
    func settle() {
        takeEnded()
        let now = MonotonicClock.nanoseconds
        while let slot = deadlines.removeExpired(at: now) {
            guard let transfer = transfers[slot] else { continue }
            end(transfer, .failure(transfer.failure(at: transfer.deadline)))
        }
    }

    /// Lets requests go that waited for others to connect.
    func openDoors() {
        guard !passable.isEmpty else { return }
        let now = MonotonicClock.nanoseconds
        while let place = passable.popLast() {
            while let transfer = gate.next(to: place, at: now) {
                transfer.isConnecting = true
                if transfer.stage == .waiting { start(transfer) } else { leaveGate(transfer) }
            }
        }
    }

    /// Notes that libcurl has opened a socket for it, and so knows the address.
    func hasAddress(_ transfer: CurlTransfer) {
        guard transfer.isConnecting, !gate.sharesConnections(transfer.place) else { return }
        isConnected(transfer)
    }

    /// Notes that it has a connection: others may follow.
    func isConnected(_ transfer: CurlTransfer) {
        guard transfer.isConnecting else { return }
        gate.learn(transfer.place, at: MonotonicClock.nanoseconds)
        leaveGate(transfer)
    }

    /// The answer has begun: a deadline for its first byte holds no more.
    func hasBegun(_ transfer: CurlTransfer) {
        if transfer.deadline != .total { setDeadline(transfer) }
    }

    private func letIn(_ transfer: CurlTransfer) {
        guard !transfer.isCancelled else {
            return end(transfer, .failure(.cancelled))
        }
        if let slot = freeSlots.popLast() {
            transfer.slot = slot
            transfers[slot] = transfer
        } else {
            transfer.slot = transfers.count
            transfers.append(transfer)
        }
        transfer.loop = self
        transfer.stage = .waiting
        admit(transfer)
    }

    /// Starts a request, or has it wait for others to connect.
    private func admit(_ transfer: CurlTransfer) {
        guard !gate.isOpen(transfer.place) else { return start(transfer) }
        if gate.admits(transfer, to: transfer.place, at: MonotonicClock.nanoseconds) {
            transfer.isConnecting = true
            start(transfer)
        } else {
            setDeadline(transfer)
        }
    }

    /// The loop opens the door later: this may be a callback of libcurl.
    private func leaveGate(_ transfer: CurlTransfer) {
        transfer.isConnecting = false
        gate.leave(transfer.place)
        passable.append(transfer.place)
    }

    private func start(_ transfer: CurlTransfer) {
        guard let request = transfer.request, let handle = handles.popLast() ?? CurlHandle() else {
            return end(transfer, .failure(.unmade(transfer.place)))
        }
        transfer.request = nil
        transfer.handle = handle
        transfer.stage = .running
        setDeadline(transfer)
        guard handle.prepare(transfer, request, manner),
            curl_multi_add_handle(multi, handle.easy) == CURLM_OK
        else { return end(transfer, .failure(.unmade(transfer.place))) }
    }

    private func setDeadline(_ transfer: CurlTransfer) {
        let (deadline, at) = transfer.nextDeadline()
        transfer.deadline = deadline
        deadlines.set(transfer.slot, at)
    }

    /// Ends what libcurl is done with.
    private func takeEnded() {
        var context: UnsafeMutableRawPointer?
        var code = CURLE_OK
        while ccurl_multi_next_ended(multi, &context, &code) != 0 {
            guard let context else { continue }
            let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            guard let handle = transfer.handle else { continue }
            // libcurl takes the end of the connection for that of the headers.
            if code == CURLE_OK, transfer.head.isWhole {
                end(transfer, .success(transfer.response(status: handle.status)))
            } else {
                end(
                    transfer,
                    .failure(transfer.failure(code, on: handle)),
                    isNameUnknown: code == CURLE_COULDNT_RESOLVE_HOST
                        || code == CURLE_COULDNT_RESOLVE_PROXY
                )
            }
        }
    }

    /// Ends a request: the one place where a task gets its answer.
    ///
    /// Never called from a callback of libcurl.
    ///
    /// - Parameters:
    ///   - transfer: At any stage.
    ///   - answer: What its task gets.
    ///   - isNameUnknown: True: those that wait for the same name fail in the same way.
    private func end(
        _ transfer: CurlTransfer,
        _ answer: CurlTransfer.Answer,
        isNameUnknown: Bool = false
    ) {
        guard transfer.stage != .ended else { return }
        transfer.stage = .ended
        transfer.request = nil
        if let handle = transfer.handle {
            transfer.handle = nil
            curl_multi_remove_handle(multi, handle.easy)
            handle.clear()
            if handles.count < Self.keptMax { handles.append(handle) }
        }
        if transfer.loop != nil {
            transfer.loop = nil
            deadlines.remove(transfer.slot)
            transfers[transfer.slot] = nil
            freeSlots.append(transfer.slot)
        }
        transfer.continuation?.resume(returning: answer)
        transfer.continuation = nil
        if isNameUnknown {
            for waiting in gate.takeWaiting(for: transfer.place) { end(waiting, answer) }
        }
        if transfer.isConnecting { leaveGate(transfer) }
    }
}
